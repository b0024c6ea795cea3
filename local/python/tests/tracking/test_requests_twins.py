"""What holds for requests of all kinds: every answer as MLflow's own server gives it."""

import re
import uuid
from typing import Any

import pytest
from tracking.registry import MODELS, VERSIONS
from tracking.test_datasets_twins import ROOT as DATASETS
from tracking.test_traces_twins import V3, info, locations, new_id
from tracking.twins import Server, Twins


@pytest.fixture
def experiment(twins: Twins) -> str:
    known = f"<r-{uuid.uuid4().hex[:12]}>"
    twins.create("experiments/create", known, ("experiment_id",), name=known[1:-1])
    return known


@pytest.fixture
def run(twins: Twins, experiment: str) -> str:
    known = f"<run of {experiment}>"
    at = ("run", "info", "run_id")
    twins.create("runs/create", known, at, experiment_id=experiment, run_name="r", start_time=1)
    return known


def test_unknown_fields_are_passed_over(twins: Twins, experiment: str, run: str) -> None:
    new: dict[str, Any] = {"newer": 1, "newer_message": {"a": [None, {}]}, "newer_list": ["a"]}
    name = experiment[1:-1]
    entry = {"key": "k", "value": "1", **new}
    metric = {**entry, "value": 1, "timestamp": 2}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "runs/log-metric", {"run_id": run, **metric}),
        ("POST", "runs/log-batch", {"run_id": run, "metrics": [metric], "tags": [entry]}),
        ("POST", "runs/update", {"run_id": run, "status": "FINISHED", "end_time": 5}),
        ("GET", "runs/get", {"run_id": run}),
        ("POST", "runs/search", {"experiment_ids": [experiment], "filter": "params.x IS NULL"}),
        ("POST", "experiments/set-experiment-tag", {"experiment_id": experiment, **entry}),
        ("GET", "experiments/get", {"experiment_id": experiment}),
        ("POST", MODELS + "create", {"name": name, "tags": [entry]}),
        ("POST", VERSIONS + "create", {"name": name, "source": "s3://b/m"}),
        ("GET", VERSIONS + "get", {"name": name, "version": "1"}),
        ("GET", MODELS + "search", {"filter": f"name = '{name}'"}),
        ("POST", V3, {"trace": {"trace_info": {**info(experiment, new_id()), **new}, **new}}),
        ("POST", V3 + "/search", {"locations": locations(experiment)}),
    ]

    for method, path, message in calls:
        sent = {**message, "newer": 1} if method == "GET" else {**message, **new}
        assert twins.call(method, path, **sent)[0] == 200, path


@pytest.mark.parametrize("state", ["active", "deleted"])
def test_a_taken_name_is_given_to_no_other(twins: Twins, experiment: str, state: str) -> None:
    name, other = experiment[1:-1], f"<other than {experiment}>"
    twins.create("experiments/create", other, ("experiment_id",), name=f"{name}-other")
    if state == "deleted":
        twins.call("POST", "experiments/delete", experiment_id=experiment)

    created = twins.call("POST", "experiments/create", name=name)
    assert created[1]["error_code"] == "RESOURCE_ALREADY_EXISTS"
    # The code of MLflow's server is that of its database's error.
    for server, side, code in (
        (twins.ours, 0, "RESOURCE_ALREADY_EXISTS"),
        (twins.theirs, 1, "BAD_REQUEST"),
    ):
        message = {"experiment_id": twins.names[other][side], "new_name": name}
        status, answer = server.call("POST", "experiments/update", message)
        assert (status, answer["error_code"]) == (400, code)

    own = twins.call("POST", "experiments/update", experiment_id=other, new_name=f"{name}-other")
    assert own[0] == 200
    twins.call("GET", "experiments/get", experiment_id=other)
    twins.call("GET", "experiments/get-by-name", experiment_name=name)


SEARCHES: dict[str, dict[str, Any]] = {
    "experiments/search": {"max_results": 5},
    "runs/search": {"experiment_ids": ["0"]},
    MODELS + "search": {},
    VERSIONS + "search": {},
    "logged-models/search": {"experiment_ids": ["0"]},
    V3 + "/search": {"locations": locations("0")},
    DATASETS + "/search": {"experiment_ids": ["0"]},
}
WRONG: list[dict[str, Any]] = [
    {"max_results": "many"},
    {"max_results": 0},
    {"max_results": -1},
    {"max_results": 1_000_000},
    {"page_token": "a"},
    {"page_token": "!!"},
    {"page_token": "eA=="},
    {"page_token": "e30="},
    {"order_by": ["colour"]},
    {"order_by": ["name UPWARDS"]},
    {"order_by": ["colour.a DESC"]},
    {"order_by": [""]},
]
# What MLflow's server takes or fails at.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    (MODELS + "search", {"max_results": 0}),
    (MODELS + "search", {"max_results": -1}),
    ("logged-models/search", {"max_results": -1}),
    ("logged-models/search", {"max_results": 1_000_000}),
]
# It reads tokens of logged models in another way.
OTHER_WORDS = [("logged-models/search", wrong) for wrong in WRONG if "page_token" in wrong]


@pytest.mark.parametrize("path", SEARCHES)
def test_what_is_wrong_with_a_search_is_told_in_the_same_words(twins: Twins, path: str) -> None:
    method = "GET" if path.startswith((MODELS, VERSIONS)) else "POST"

    def told(server: Server, message: dict[str, Any]) -> tuple[int, str]:
        status, answer = server.call(method, path, message)
        # What would be right comes in the order of a set, another one in each process.
        text, *_ = re.split(r"\.? Valid (keys|values|entity)", answer.get("message", ""))
        return status, text.rstrip(".")

    for wrong in WRONG:
        message = {**SEARCHES[path], **wrong}
        if path.startswith("logged-models") and "order_by" in message:
            message["order_by"] = [{"field_name": each} for each in message["order_by"]]
        ours = told(twins.ours, message)
        if (path, wrong) in TAKEN + OTHER_WORDS:
            assert ours[0] == 400
        else:
            assert ours == told(twins.theirs, message), wrong
