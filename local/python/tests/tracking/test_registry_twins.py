"""The model registry: every answer as MLflow's own server gives it."""

import time
import uuid
from typing import Any

import pytest
from tracking.twins import Server, Twins

MODELS = "registered-models/"
VERSIONS = "model-versions/"
S3 = "s3://bucket/model"
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}


@pytest.fixture
def name() -> str:
    return f"m-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def model(twins: Twins, name: str) -> str:
    assert twins.call("POST", MODELS + "create", name=name, description="one")[0] == 200
    return name


def version(twins: Twins, model: str, **message: Any) -> None:
    """A new version; its moment is another one than that of the one before."""
    time.sleep(0.005)
    message = {"source": S3, **message}
    assert twins.call("POST", VERSIONS + "create", name=model, **message)[0] == 200


@pytest.fixture
def versions(twins: Twins, model: str) -> str:
    """A model with three versions."""
    version(twins, model, run_id="r1", description="first", run_link="http://run")
    version(twins, model, source=S3 + "/b", tags=[{"key": "kind of", "value": "x"}])
    version(twins, model, tags=[{"key": "kind of", "value": "y"}, {"key": "n", "value": "aBc"}])
    return model


@pytest.fixture
def run(twins: Twins, name: str) -> str:
    experiment = f"<e of {name}>"
    twins.create(
        "experiments/create",
        experiment,
        ("experiment_id",),
        name=name,
        artifact_location="mlflow-artifacts:/here",
    )
    twins.create("runs/create", f"<{name}>", ("run", "info", "run_id"), experiment_id=experiment)
    return f"<{name}>"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": 5},
        {"name": None},
        {"name": "a/b"},
        {"name": "a:b"},
        {"name": ".."},
        {"name": "x", "tags": "none"},
        {"name": "x", "description": 1},
        {"name": "x", "tags": [{"value": "1"}]},
        {"name": "x", "tags": [{"key": "a*b", "value": "1"}]},
        {"name": "x", "tags": [{"key": "a/../b", "value": "1"}]},
        {"name": "x", "tags": [{"key": "k" * 251, "value": "1"}]},
        {"name": "x", "tags": [{"key": "k", "value": "v" * 100_001}]},
    ],
)
def test_a_model_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert twins.call("POST", MODELS + "create", **message)[0] == 400


def test_a_model_lives_alike(twins: Twins, name: str) -> None:
    tags = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}, {"key": "b c/d.e"}]
    twins.call("POST", MODELS + "create", name=name, tags=tags)
    twins.call("POST", MODELS + "create", name=name)
    twins.call("POST", MODELS + "create", name=name, tags=[PROMPT])
    twins.call("GET", MODELS + "get", name=name.upper())
    for key, value in (("a", "3"), ("ü", "ü"), ("", "x"), ("a*", "x"), ("x", "v" * 100_001)):
        twins.call("POST", MODELS + "set-tag", name=name, key=key, value=value)
    twins.call("POST", MODELS + "set-tag", name=name + "-none", key="a", value="b")
    twins.call("POST", MODELS + "set-tag", name=name, key="none")
    twins.call("GET", MODELS + "get", name=name)
    for key in ("a", "a", "a*", ""):
        twins.call("DELETE", MODELS + "delete-tag", name=name, key=key)
    twins.call("DELETE", MODELS + "delete-tag", name=name + "-none", key="a")
    twins.call("PATCH", MODELS + "update", name=name, description="new")
    twins.call("GET", MODELS + "get", name=name)
    twins.call("PATCH", MODELS + "update", name=name)
    twins.call("PATCH", MODELS + "update", name=name + "-none", description="new")
    twins.call("GET", MODELS + "get", name=name)
    twins.call("DELETE", MODELS + "delete", name=name)
    twins.call("DELETE", MODELS + "delete", name=name)
    twins.call("GET", MODELS + "get", name=name)
    twins.call("GET", MODELS + "get")
    twins.call("GET", MODELS + "get", name="a/b")


def test_a_name_is_taken_alike(twins: Twins, versions: str) -> None:
    other = versions + "-b"
    twins.call("POST", MODELS + "create", name=other)
    for to in ("", "  ", "a/b", ".."):
        twins.call("POST", MODELS + "rename", name=versions, new_name=to)
    for server in (twins.ours, twins.theirs):
        # SQL's own error is told as well.
        status, answer = server.call(
            "POST", MODELS + "rename", {"name": versions, "new_name": other}
        )
        assert status == 400
        assert answer["error_code"] == "RESOURCE_ALREADY_EXISTS"
        assert answer["message"].startswith(f"Registered Model (name={other}) already exists.")
    twins.call("POST", MODELS + "alias", name=versions, alias="best", version="2")
    twins.call("POST", MODELS + "set-tag", name=versions, key="a", value="b")
    twins.call("POST", MODELS + "rename", name=versions, new_name=versions)
    twins.call("POST", MODELS + "rename", name=versions, new_name=versions + "-c")
    twins.call("POST", MODELS + "rename", name=versions, new_name=versions + "-d")
    twins.call("GET", MODELS + "get", name=versions)
    twins.call("GET", MODELS + "get", name=versions + "-c")
    twins.call("GET", MODELS + "alias", name=versions + "-c", alias="best")
    twins.call("GET", VERSIONS + "get", name=versions + "-c", version="3")
    version(twins, versions + "-c")
    twins.call("POST", MODELS + "create", name=versions)
    version(twins, versions)


@pytest.mark.parametrize(
    "message",
    [
        {"source": S3},
        {"name": "none", "source": S3},
        {"name": "{m}"},
        {"name": "{m}", "source": ""},
        {"name": "{m}", "source": "s3://bucket"},
        {"name": "{m}", "source": "s3://bucket/a/../b"},
        {"name": "{m}", "source": "s3://bucket/a/./b"},
        {"name": "{m}", "source": "s3://bucket/a/%2e%2e/b"},
        {"name": "{m}", "source": "s3://bucket/a/%252e%252e%252fb"},
        {"name": "{m}", "source": "s3://bucket/a%00"},
        {"name": "{m}", "source": "s3://bucket//a//b/"},
        {"name": "{m}", "source": "s3://bucket/a b+c?x=..#y"},
        {"name": "{m}", "source": "s3:a"},
        {"name": "{m}", "source": "gs://bucket/a"},
        {"name": "{m}", "source": "/etc/passwd"},
        {"name": "{m}", "source": "/etc/passwd", "run_id": "none"},
        {"name": "{m}", "source": "file:///etc/passwd"},
        {"name": "{m}", "source": "/etc/passwd", "run_id": "{r}"},
        {"name": "{m}", "source": "/artifacts/of/../x", "run_id": "{r}"},
        {"name": "{m}", "source": "file:///etc/passwd", "run_id": "{r}"},
        {"name": "{m}", "source": "runs:/abc/model"},
        {"name": "{m}", "source": "runs:/abc/model", "run_id": "abd"},
        {"name": "{m}", "source": "runs:/abc/model", "run_id": "abc"},
        {"name": "{m}", "source": "runs://x/abc/model", "run_id": "abc"},
        {"name": "{m}", "source": "runs:/abc", "model_id": "abc"},
        {"name": "{m}", "source": "mlflow-artifacts:/1/a"},
        {"name": "{m}", "source": "mlflow-artifacts:/1/a", "run_id": "none"},
        {"name": "{m}", "source": "mlflow-artifacts:/1/a", "run_id": "{r}"},
        {"name": "{m}", "source": "mlflow-artifacts:/here/{r}/artifacts/m", "run_id": "{r}"},
        {"name": "{m}", "source": "mlflow-artifacts:/here/{r}/artifacts", "run_id": "{r}"},
        {"name": "{m}", "source": "mlflow-artifacts:/here/{r}", "run_id": "{r}"},
        {"name": "{m}", "source": "models:/m-123"},
        {"name": "{m}", "source": "models:/m-123", "model_id": "m-124"},
        {"name": "{m}", "source": S3, "model_id": "m-123"},
        {"name": "{m}", "source": "models:/"},
        {"name": "{m}", "source": "models:/a/b/c"},
        {"name": "{m}", "source": "models://x/{m}/1"},
        {"name": "{m}", "source": "models:/{m}/9"},
        {"name": "{m}", "source": "models:/none/1"},
        {"name": "{m}", "source": "models:/{m}/1"},
        {"name": "{m}", "source": "models:/{m}/latest"},
        {"name": "{m}", "source": "models:/{m}/none"},
        {"name": "{m}", "source": "models:/{m}/Production"},
        {"name": "{m}", "source": "models:/{m}/other"},
        {"name": "{m}", "source": "models:/{m}@best"},
        {"name": "{m}", "source": "models:/{m}@worst"},
        {"name": "{m}", "source": "models:/{m}/1", "run_id": "r1"},
        {"name": "{m}", "source": "models:/{m}/1", "run_id": "r2"},
        {"name": "{m}", "source": "models:/{m}/1", "run_id": ""},
        {"name": "{m}", "source": "models:/{m}/1", "model_id": ""},
        {"name": "{m}", "source": "models:/{m}/1", "model_id": "m-1"},
        {"name": "{m}", "source": S3, "tags": [{"key": "k", "value": "v" * 100_001}]},
        {"name": "{m}", "source": S3, "tags": [{"key": "a*", "value": "v"}]},
        {"name": "a/b", "source": S3},
        {"name": "{m}", "source": S3, "tags": [PROMPT]},
        {"name": "{m}", "source": "dummy-source", "tags": [PROMPT]},
        {
            "name": "{m}",
            "source": "dummy-source",
            "tags": [PROMPT, {"key": "mlflow.prompt.text", "value": "v" * 100_001}],
        },
    ],
)
def test_a_source_is_taken_or_refused_alike(
    twins: Twins, versions: str, run: str, message: dict[str, Any]
) -> None:
    twins.call("POST", MODELS + "alias", name=versions, alias="best", version="2")
    told = {
        key: value.replace("{m}", versions).replace("{r}", run) if isinstance(value, str) else value
        for key, value in message.items()
    }

    status, answer = twins.call("POST", VERSIONS + "create", **told)

    if status == 200:
        number = answer["model_version"]["version"]
        twins.call("GET", VERSIONS + "get-download-uri", name=versions, version=number)


def test_a_version_lives_alike(twins: Twins, versions: str) -> None:
    at = {"name": versions, "version": "1"}
    for number in ("1", " 2 ", "+3", "4", "0", "-1", "x", "1.0", "1_0", ""):
        twins.call("GET", VERSIONS + "get", name=versions, version=number)
    twins.call("GET", VERSIONS + "get", name=versions + "-none", version="1")
    twins.call("GET", VERSIONS + "get", name="a/b", version="x")
    twins.call("GET", VERSIONS + "get", name=versions)
    twins.call("GET", VERSIONS + "get", name=versions, version=1)
    twins.call("GET", VERSIONS + "get-download-uri", **at)
    twins.call("GET", VERSIONS + "get-download-uri")
    twins.call("GET", VERSIONS + "get-download-uri", name=versions, version="9")
    twins.call("PATCH", VERSIONS + "update", **at, description="new")
    twins.call("PATCH", VERSIONS + "update", **at, description="")
    twins.call("PATCH", VERSIONS + "update", **at)
    twins.call("PATCH", VERSIONS + "update", name="a/b", version="x")
    twins.call("PATCH", VERSIONS + "update", name=versions, version="9")
    for key, value in (("a", "1"), ("a", "2"), ("", "x"), ("a*", "x"), ("x", "v" * 100_001)):
        twins.call("POST", VERSIONS + "set-tag", **at, key=key, value=value)
    twins.call("POST", VERSIONS + "set-tag", name=versions, version="9", key="a", value="b")
    twins.call("POST", VERSIONS + "set-tag", name=versions, version="x", key="*", value="b")
    twins.call("POST", VERSIONS + "set-tag", **at, key="none")
    twins.call("GET", VERSIONS + "get", **at)
    for key in ("a", "a", "a*"):
        twins.call("DELETE", VERSIONS + "delete-tag", **at, key=key)
    twins.call("DELETE", VERSIONS + "delete-tag", name=versions, version="9", key="a")
    twins.call("POST", MODELS + "alias", name=versions, alias="best", version="3")
    twins.call("DELETE", VERSIONS + "delete", name=versions, version="3")
    twins.call("DELETE", VERSIONS + "delete", name=versions, version="3")
    twins.call("DELETE", VERSIONS + "delete", name="a/b", version="x")
    twins.call("DELETE", VERSIONS + "delete", name="a/b", version="1")
    twins.call("GET", MODELS + "get", name=versions)
    twins.call("GET", MODELS + "alias", name=versions, alias="best")
    for path in ("get", "get-download-uri"):
        twins.call("GET", VERSIONS + path, name=versions, version="3")
    twins.call("PATCH", VERSIONS + "update", name=versions, version="3", description="x")
    twins.call("POST", VERSIONS + "set-tag", name=versions, version="3", key="a", value="b")
    version(twins, versions)
    twins.call("GET", MODELS + "get", name=versions)
    twins.call("DELETE", MODELS + "delete", name=versions)
    twins.call("GET", VERSIONS + "get", **at)
    twins.call("POST", MODELS + "create", name=versions)
    twins.call("GET", VERSIONS + "get", **at)
    version(twins, versions)


def test_an_alias_is_given_alike(twins: Twins, versions: str) -> None:
    for alias, number in (
        ("best", "1"),
        ("best", "2"),
        ("Best", "2"),
        ("ü_-1", "3"),
        ("v1", "1"),
        ("latest", "1"),
        ("LATEST", "1"),
        ("a b", "1"),
        ("a" * 256, "1"),
        ("a", "x"),
        ("a", "9"),
        ("", "1"),
    ):
        twins.call("POST", MODELS + "alias", name=versions, alias=alias, version=number)
    twins.call("POST", MODELS + "alias", name=versions + "-none", alias="a", version="1")
    twins.call("GET", MODELS + "get", name=versions)
    twins.call("GET", VERSIONS + "get", name=versions, version="2")
    for alias in ("best", "Best", "BEST", "none", "latest", "Latest", "a b", "", "v1"):
        twins.call("GET", MODELS + "alias", name=versions, alias=alias)
    twins.call("GET", MODELS + "alias", name=versions + "-none", alias="best")
    twins.call("GET", MODELS + "alias", name=versions + "-none", alias="latest")
    twins.call("POST", MODELS + "create", name=versions + "-empty")
    twins.call("GET", MODELS + "alias", name=versions + "-empty", alias="latest")
    for alias in ("best", "best", "a b", "latest"):
        twins.call("DELETE", MODELS + "alias", name=versions, alias=alias)
    twins.call("DELETE", MODELS + "alias", name=versions + "-none", alias="best")
    twins.call("GET", MODELS + "get", name=versions)


def test_a_stage_is_entered_alike(twins: Twins, versions: str) -> None:
    path = VERSIONS + "transition-stage"
    for number, stage, alone in (
        ("1", "staging", False),
        ("2", "Staging", False),
        ("3", "STAGING", True),
        ("2", "Staging", True),
        ("2", "Staging", True),
        ("1", "Staging", False),
        ("1", "Production", True),
        ("3", "Archived", True),
        ("3", "none", True),
        ("3", "other", False),
        ("9", "Staging", True),
        ("x", "Staging", False),
        ("3", "None", False),
    ):
        time.sleep(0.005)
        message = {"version": number, "stage": stage, "archive_existing_versions": alone}
        twins.call("POST", path, name=versions, **message)
        for each in ("1", "2", "3"):
            twins.call("GET", VERSIONS + "get", name=versions, version=each)
        twins.call("GET", VERSIONS + "search", filter=f"name = '{versions}'")
        twins.call("GET", MODELS + "get", name=versions)
    twins.call("POST", path, name=versions, version="1", stage="Staging")
    twins.call("POST", path, name="a/b", version="x", stage="Staging")
    twins.call("POST", path, name=versions, version="1")
    for stages in ([], ["None"], ["staging", "PRODUCTION"], ["other"], ["Archived"]):
        twins.call("POST", MODELS + "get-latest-versions", name=versions, stages=stages)
        twins.call("GET", MODELS + "get-latest-versions", name=versions, stages=stages)
    twins.call("GET", MODELS + "get-latest-versions", name=versions + "-none", stages=["other"])


@pytest.fixture(scope="module")
def searched(twins: Twins) -> str:
    """Models and prompts that all searches look for: all of their names begin so."""
    name = f"m-{uuid.uuid4().hex[:12]}"
    for model, tags in (
        ("a", [{"key": "kind of", "value": "x"}]),
        ("b", [{"key": "kind of", "value": "y"}, {"key": "n", "value": "aBc"}]),
        ("C", []),
        ("p", [PROMPT]),
        ("q", [{**PROMPT, "value": "True"}]),
        ("r", [{**PROMPT, "value": "false"}]),
    ):
        time.sleep(0.005)
        full = f"{name}-{model}"
        twins.call("POST", MODELS + "create", name=full, tags=tags)
        prompt = model == "p"
        for number in range(2):
            version(
                twins,
                full,
                run_id=f"r{number}",
                source="dummy-source" if prompt else f"{S3}/{number}",
                tags=[*([PROMPT] if prompt else []), {"key": "n", "value": f"aB{number}"}],
            )
    twins.call("DELETE", VERSIONS + "delete", name=f"{name}-C", version="2")
    return name


IS_PROMPT = "tags.`mlflow.prompt.is_prompt`"
BOTH = [
    "",
    "name = '{0}-b'",
    'name = "{0}-b"',
    "attribute.name != '{0}-b'",
    "name LIKE '{0}-_'",
    "name like '{0}-c'",
    "name ILIKE '{0}-c'",
    "name IN ('{0}-a', '{0}-b')",
    "name NOT IN ('{0}-a', '{0}-b')",
    "name = 'none'",
    "name = '{0}-a' AND name = '{0}-b'",
    "tags.n = 'aBc'",
    "tags.n LIKE 'aB%'",
    "tag.n ILIKE 'ab1'",
    "tags.n != 'aB1'",
    "tags.n != 'aB1' AND tags.n != 'aBc'",
    "tags.`kind of` = 'x' and name LIKE '{0}%'",
    "tags.none = 'x'",
    f"{IS_PROMPT} = 'true'",
    f"{IS_PROMPT} = 'TRUE'",
    f"{IS_PROMPT} != 'false'",
    f"{IS_PROMPT} = 'false'",
    f"{IS_PROMPT} != 'true'",
    f"{IS_PROMPT} LIKE 'true'",
    f"{IS_PROMPT} = 'true' AND {IS_PROMPT} = 'false'",
    f"{IS_PROMPT} = 'true' AND tags.n = 'aB1'",
    # Refused
    "name > 'a'",
    "name RLIKE 'a'",
    "name = 5",
    "name = a",
    "name IN ('a', 5)",
    "name = 'a' OR name = 'b'",
    "name",
    "other = 'a'",
    "params.a = 'b'",
    "tags.a > 'b'",
    "tags.a IN ('b')",
    "tags.a = 5",
    "creation_timestamp > 5",
]
OF_VERSIONS = [
    "run_id = 'r1'",
    "run_id != 'r1'",
    "run_id IN ('r0', 'r2')",
    "run_id NOT IN ('r0')",
    "run_id LIKE 'R%'",
    "run_id ILIKE 'R%'",
    "source_path = '" + S3 + "/1'",
    "source_path LIKE 's3:%/0'",
    "source_path IN ('a')",
    "version_number = 1",
    "version_number = '1'",
    "version_number != 1",
    "version_number > 1",
    "version_number >= 1 AND version_number < 2",
    "attribute.version_number <= 1",
    "version_number > 1.0",
    "version_number > 'x'",
    "version_number LIKE '1'",
    "version_number IN (1)",
    "version = 1",
    "source = 'a'",
]


def of(name: str, text: str) -> str:
    """A filter of what this test has made."""
    text = text.format(name)
    return f"{text} AND name LIKE '{name}%'" if text else f"name LIKE '{name}%'"


@pytest.mark.parametrize("text", BOTH)
def test_models_are_found_alike(twins: Twins, searched: str, text: str) -> None:
    twins.call("GET", MODELS + "search", filter=of(searched, text))


@pytest.mark.parametrize("text", [*BOTH, *OF_VERSIONS])
def test_versions_are_found_alike(twins: Twins, searched: str, text: str) -> None:
    twins.call("GET", VERSIONS + "search", filter=of(searched, text))


@pytest.mark.parametrize(
    "order",
    [
        [],
        ["name"],
        ["name DESC"],
        ["timestamp"],
        ["last_updated_timestamp DESC"],
        ["last_updated_timestamp", "name DESC"],
        ["creation_timestamp"],
        ["creation_timestamp DESC", "name"],
        ["version_number DESC", "name DESC"],
        ["attribute.name DESC"],
        ["`name` desc"],
        ["name", "name DESC"],
        ["timestamp", "last_updated_timestamp"],
        ["name upwards"],
        ["name ASC DESC"],
        ["run_id"],
        ["tags.n"],
        [""],
    ],
)
def test_an_order_is_kept_alike(twins: Twins, searched: str, order: list[str]) -> None:
    for path in (MODELS, VERSIONS):
        twins.call("GET", path + "search", filter=of(searched, ""), order_by=order)


@pytest.mark.parametrize("path", [MODELS, VERSIONS])
def test_pages_are_cut_alike(twins: Twins, searched: str, path: str) -> None:
    message: dict[str, Any] = {"filter": of(searched, ""), "max_results": 3}
    pages = 0
    while pages == 0 or message["page_token"]:
        _, answer = twins.call("GET", path + "search", **message)
        message["page_token"] = answer.get("next_page_token", "")
        pages += 1
    assert pages > 1
    for size in (1, 1_000, 1_001, 200_000, 200_001, "x"):
        twins.call("GET", path + "search", filter=of(searched, ""), max_results=size)
    twins.call("GET", path + "search", filter=of(searched, ""), page_token="none")


@pytest.mark.parametrize("path", [MODELS, VERSIONS])
def test_what_crashes_mlflow_is_refused(ours: Server, path: str) -> None:
    for message in (
        {"filter": "tags.a IS NULL"},
        {"filter": "name = ('a', 'b')"},
        {"max_results": 0},
        {"max_results": -1},
    ):
        assert ours.call("GET", path + "search", message)[0] == 400
