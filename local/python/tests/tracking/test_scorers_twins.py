"""Scorers: every answer as MLflow's own server gives it.

A ``Scorer`` message has an experiment's id of 32 bits, on which MLflow's server fails for all its
experiments here but the default one.
"""

import json
import uuid
from typing import Any

import pytest
from tracking.twins import Twins

REGISTER = "/api/3.0/mlflow/scorers/register"
JUDGE = {
    "name": "judge",
    "instructions_judge_pydantic_data": {"model": "openai:/gpt-4", "instructions": "ä {{inputs}}"},
    "numbers": [1, 1.0, 1e30, 1.5e-7, True, None],
}


@pytest.fixture
def name() -> str:
    return f"s-{uuid.uuid4().hex[:12]}"


def scorers(twins: Twins, method: str, operation: str, /, **message: Any) -> tuple[int, Any]:
    return twins.call(method, f"/api/3.0/mlflow/scorers/{operation}", **message)


def register(twins: Twins, name: str, scorer: Any = None, experiment: str = "0") -> str:
    known = f"<{name}>"
    assert twins.attempt(
        REGISTER,
        known,
        ("scorer_id",),
        experiment_id=experiment,
        name=name,
        serialized_scorer=json.dumps(scorer or JUDGE),
    )
    return known


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"name": "n", "serialized_scorer": "{}"},
        {"experiment_id": "0", "serialized_scorer": "{}"},
        {"experiment_id": "0", "name": "n"},
        {"experiment_id": 0, "name": "n", "serialized_scorer": "{}"},
        {"experiment_id": "0", "name": 5, "serialized_scorer": "{}"},
        {"experiment_id": "0", "name": "n", "serialized_scorer": {}},
        {"experiment_id": "0", "name": "n", "serialized_scorer": "no json"},
        {"experiment_id": "0", "name": "n", "serialized_scorer": "{} {}"},
        {"experiment_id": "0", "name": "  ", "serialized_scorer": "{}"},
        {"experiment_id": "x", "name": "n", "serialized_scorer": "{}"},
        {"experiment_id": "999", "name": "n", "serialized_scorer": "{}"},
    ],
)
def test_what_is_no_scorer_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert scorers(twins, "POST", "register", **message)[0] in (400, 404)


@pytest.mark.parametrize(
    "scorer",
    [
        {"call_source": "import os"},
        {"ensemble_scorer_data": {"scorers": [{"call_source": "import os"}]}},
        {"third_party_scorer_data": {"kwargs": {"api_base": "http://x", "base_url": "y"}}},
        {"third_party_scorer_data": {"kwargs": {"a": [["model_list", 1]]}}},
        {"third_party_scorer_data": {"kwargs": [1]}},
        {"a": {"third_party_scorer_data": {"kwargs": {"b": {"fallbacks": 1}}}}},
        {"instructions_judge_pydantic_data": {"model": "  "}},
        {"builtin_scorer_pydantic_data": {"model": 5}},
        {"builtin_scorer_pydantic_data": {"model": "gateway:/none"}},
        {"memory_augmented_judge_data": {"base_judge": {"third_party_scorer_data": {"model": ""}}}},
    ],
)
def test_a_scorer_that_may_not_be_is_refused_alike(twins: Twins, scorer: dict[str, Any]) -> None:
    status, _ = scorers(
        twins,
        "POST",
        "register",
        experiment_id="0",
        name="n",
        serialized_scorer=json.dumps(scorer),
    )

    assert status in (400, 404)


@pytest.mark.parametrize("operation", ["get", "versions"])
@pytest.mark.parametrize(
    "message",
    [
        {},
        {"experiment_id": "0"},
        {"name": "none"},
        {"experiment_id": "0", "name": "none"},
        {"experiment_id": "0", "name": "none", "version": 1},
        {"experiment_id": "x", "name": "none"},
        {"experiment_id": "999", "name": "none"},
    ],
)
def test_a_scorer_that_is_not_there_is_told_alike(
    twins: Twins, operation: str, message: dict[str, Any]
) -> None:
    assert scorers(twins, "GET", operation, **message)[0] in (400, 404)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"experiment_id": "0", "name": "none"},
        {"experiment_id": "0", "name": "none", "version": 1},
        {"experiment_id": "0", "name": "none", "version": "x"},
        {"experiment_id": "999", "name": "none"},
    ],
)
def test_what_is_not_there_cannot_be_deleted(twins: Twins, message: dict[str, Any]) -> None:
    assert scorers(twins, "DELETE", "delete", **message)[0] in (400, 404)


@pytest.mark.parametrize(
    "message",
    [
        {"experiment_id": "999"},
        {"experiment_id": "x"},
        {"experiment_ids": ["x"]},
        {"experiment_ids": ["999"]},
        {"experiment_id": "0", "experiment_ids": ["0"]},
    ],
)
def test_a_list_of_what_is_not_there_is_told_alike(twins: Twins, message: dict[str, Any]) -> None:
    scorers(twins, "GET", "list", **message)


def test_versions_are_listed_got_and_deleted_alike(twins: Twins, name: str) -> None:
    known = register(twins, name)
    register(twins, name, {"name": "second"})
    register(twins, name, {"name": "third"})
    register(twins, name + "b")
    one: dict[str, Any] = {"experiment_id": "0", "name": name}

    def look() -> None:
        scorers(twins, "GET", "versions", **one)
        scorers(twins, "GET", "get", **one)
        for version in (0, 1, 2, 3, 4):
            scorers(twins, "GET", "get", **one, version=version)
        scorers(twins, "GET", "list", experiment_id="0")
        scorers(twins, "GET", "list", experiment_ids=["0", "0", "999"])

    look()
    for version in (2, 3, 3):
        scorers(twins, "DELETE", "delete", **one, version=version)
        look()
    # The number of a last version that was deleted is given again.
    assert register(twins, name, {"name": "again"}) == known
    look()
    scorers(twins, "DELETE", "delete", **one, version=1)
    scorers(twins, "DELETE", "delete", **one, version=2)
    look()
    scorers(twins, "DELETE", "delete", **one)
    register(twins, name, {"name": "new"})
    look()
    assert scorers(twins, "DELETE", "delete", **one) == (200, {})
    assert scorers(twins, "DELETE", "delete", **one)[0] == 404
    assert scorers(twins, "DELETE", "delete", experiment_id="0", name=name + "b")[0] == 200


def test_a_deleted_experiment_has_no_scorers(twins: Twins, name: str) -> None:
    experiment = f"<{name}>"
    twins.create("experiments/create", experiment, ("experiment_id",), name=name)
    one: dict[str, Any] = {"experiment_id": experiment, "name": "s"}
    register(twins, "s", experiment=experiment)
    twins.call("POST", "experiments/delete", experiment_id=experiment)

    assert scorers(twins, "GET", "get", **one)[0] == 400
    assert scorers(twins, "GET", "list", experiment_id=experiment)[0] == 400
    assert scorers(twins, "GET", "list", experiment_ids=[experiment]) == (200, {})
    assert scorers(twins, "POST", "register", **one, serialized_scorer="{}")[0] == 400
    assert scorers(twins, "DELETE", "delete", **one)[0] == 400
