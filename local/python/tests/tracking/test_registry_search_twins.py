"""Searches of the model registry: every answer as MLflow's own server gives it."""

import time
import uuid
from typing import Any

import pytest
from tracking.registry import MODELS, PROMPT, S3, VERSIONS, version
from tracking.twins import Server, Twins


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
    "name = ''",
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
