"""The model registry: every answer as MLflow's own server gives it."""

import time
import uuid
from typing import Any

import pytest
from tracking.registry import MODELS, PROMPT, S3, VERSIONS, version
from tracking.twins import Twins


@pytest.fixture
def name() -> str:
    return f"m-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def model(twins: Twins, name: str) -> str:
    assert twins.call("POST", MODELS + "create", name=name, description="one")[0] == 200
    return name


@pytest.fixture
def versions(twins: Twins, model: str) -> str:
    """A model with three versions."""
    version(twins, model, run_id="r1", description="first", run_link="http://run")
    version(twins, model, source=S3 + "/b", tags=[{"key": "kind of", "value": "x"}])
    version(twins, model, tags=[{"key": "kind of", "value": "y"}, {"key": "n", "value": "aBc"}])
    return model


def run_at(twins: Twins, name: str, location: str) -> str:
    """A run whose artifacts are under ``location``."""
    experiment = f"<e of {name}>"
    twins.create(
        "experiments/create", experiment, ("experiment_id",), name=name, artifact_location=location
    )
    twins.create("runs/create", f"<{name}>", ("run", "info", "run_id"), experiment_id=experiment)
    return f"<{name}>"


@pytest.fixture
def run(twins: Twins, name: str) -> str:
    return run_at(twins, name, "mlflow-artifacts:/here")


@pytest.fixture
def local_run(twins: Twins, name: str) -> str:
    """A run that keeps its artifacts on a disk."""
    return run_at(twins, name + "-local", "/here")


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
        {"name": "{m}", "source": "/here/../there", "run_id": "{r}"},
        {"name": "{m}", "source": "/here/{l}/artifacts/m", "run_id": "{l}"},
        {"name": "{m}", "source": "/here/{l}/artifacts", "run_id": "{l}"},
        {"name": "{m}", "source": "file:///here/{l}/artifacts/m%20n", "run_id": "{l}"},
        {"name": "{m}", "source": "file://localhost/here/{l}/artifacts/m", "run_id": "{l}"},
        {"name": "{m}", "source": "file://other/here/{l}/artifacts/m", "run_id": "{l}"},
        {"name": "{m}", "source": "/here/{l}/artifacts/../m", "run_id": "{l}"},
        {"name": "{m}", "source": "/here/{l}/artifactsm", "run_id": "{l}"},
        {"name": "{m}", "source": "/here/{l}/artifacts/m", "run_id": "{r}"},
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
    twins: Twins, versions: str, run: str, local_run: str, message: dict[str, Any]
) -> None:
    twins.call("POST", MODELS + "alias", name=versions, alias="best", version="2")
    here = {"{m}": versions, "{r}": run, "{l}": local_run}
    told = dict(message)
    for mark, known in here.items():
        told = {k: v.replace(mark, known) if isinstance(v, str) else v for k, v in told.items()}

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
