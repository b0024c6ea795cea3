"""Evaluation datasets: every answer as MLflow's own server gives it.

Records come in another order, and ids of records are others; digests are of moments.
"""

import json
import uuid
from typing import Any

import pytest
from tracking.twins import Twins

ROOT = "/api/3.0/mlflow/datasets"
JSON = ("tags", "schema", "profile", "records")
OTHERS = ("digest", "dataset_record_id", "last_update_time", "created_time")


def comparable(answer: Any) -> Any:
    """An answer with the JSON in it read, and records by their inputs."""
    if isinstance(answer, list):
        return [comparable(part) for part in answer]
    if not isinstance(answer, dict):
        return answer
    told = {
        key: comparable(json.loads(value) if key in JSON and isinstance(value, str) else value)
        for key, value in answer.items()
        if key not in OTHERS
    }
    if told.get("records"):
        told["records"].sort(key=lambda record: json.dumps(record["inputs"], sort_keys=True))
    if told.get("experiment_ids"):
        told["experiment_ids"].sort()
    return told


def at(twins: Twins, method: str, path: str, /, **message: Any) -> tuple[int, Any]:
    """A call whose path may have a dataset's id."""
    answers = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        url = path
        for known, ids in twins.names.items():
            url = url.replace(known, ids[side])
        status, answer = twins.told(server, side, method, f"{ROOT}/{url}", message)
        if path == "search":
            # What is wrong with a filter is told in other words.
            answer.pop("message", None)
        text = json.dumps(comparable(answer))
        for known, ids in twins.names.items():
            text = text.replace(ids[side], known)
        answers.append((status, json.loads(text)))
    assert answers[0] == answers[1], (
        f"{method} {path} {message}\nours:   {answers[0]}\ntheirs: {answers[1]}"
    )
    return answers[0]


@pytest.fixture
def name() -> str:
    return f"d-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(twins: Twins, name: str) -> str:
    known = f"<{name} experiment>"
    twins.create("experiments/create", known, ("experiment_id",), name=name)
    return known


def create(twins: Twins, name: str, **message: Any) -> str:
    known = f"<{name}>"
    twins.create(f"{ROOT}/create", known, ("dataset", "dataset_id"), name=name, **message)
    return known


@pytest.fixture
def dataset(twins: Twins, name: str, experiment: str) -> str:
    return create(
        twins, name, experiment_ids=[experiment], tags='{"team": "\\u00e4", "mlflow.user": "eve"}'
    )


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"name": ""},
        {"name": 5},
        {"name": "n", "experiment_ids": "0"},
        {"name": "n", "tags": {"a": "b"}},
    ],
)
def test_a_dataset_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert at(twins, "POST", "create", **message)[0] == 400


def test_what_is_not_there_is_told_alike(twins: Twins) -> None:
    assert at(twins, "GET", "d-none")[0] == 404
    assert at(twins, "GET", "d-none/records") == (200, {"records": []})
    assert at(twins, "GET", "d-none/experiment-ids") == (200, {})
    assert at(twins, "PATCH", "d-none/tags", tags="{}")[0] == 404
    assert at(twins, "POST", "d-none/add-experiments", experiment_ids=["0"])[0] == 404
    assert at(twins, "POST", "d-none/remove-experiments", experiment_ids=["0"])[0] == 404
    assert at(twins, "DELETE", "d-none/tags/a") == (200, {})
    assert at(twins, "DELETE", "d-none/records", dataset_record_ids=["a"])[0] == 200
    assert at(twins, "DELETE", "d-none") == (200, {})


def test_a_dataset_is_told_alike_until_it_is_deleted(twins: Twins, dataset: str) -> None:
    at(twins, "GET", dataset)
    at(twins, "PATCH", f"{dataset}/tags", tags='{"a": "b", "n": 5, "t": true, "none": null}')
    at(twins, "PATCH", f"{dataset}/tags")
    at(twins, "DELETE", f"{dataset}/tags/team")
    at(twins, "DELETE", f"{dataset}/tags/team")
    at(twins, "GET", dataset)
    at(twins, "DELETE", dataset)

    assert at(twins, "GET", dataset)[0] == 404


def test_experiments_are_added_and_removed_alike(
    twins: Twins, dataset: str, experiment: str
) -> None:
    assert at(twins, "POST", f"{dataset}/add-experiments", experiment_ids=["999"])[0] == 404
    at(twins, "POST", f"{dataset}/add-experiments", experiment_ids=["0", experiment])
    at(twins, "GET", f"{dataset}/experiment-ids")
    at(twins, "GET", "search", experiment_ids=[experiment])
    at(twins, "POST", f"{dataset}/remove-experiments", experiment_ids=[experiment, "999"])
    at(twins, "POST", f"{dataset}/remove-experiments")
    at(twins, "GET", "search", experiment_ids=[experiment])

    assert at(twins, "GET", f"{dataset}/experiment-ids") == (200, {"experiment_ids": ["0"]})


RECORDS: list[dict[str, Any]] = [
    {"inputs": {"q": "a", "n": 1}},
    {"inputs": {"n": 1, "q": "a"}, "expectations": {"x": 1}, "tags": {"mlflow.user": "bob"}},
    {"inputs": {"q": "b", "f": 1.5, "l": [1], "o": {}, "z": None, "y": True}, "outputs": {"r": 1}},
    {"inputs": {"q": "b", "n": 1.0}, "outputs": "text", "expectations": {}, "tags": {}},
    {"inputs": {}, "outputs": None},
    {
        "inputs": {"q": "traced"},
        "source": {"source_type": "trace", "source_data": {"trace_id": "tr-1"}},
    },
    {
        "inputs": {"q": "written"},
        "source": {"source_type": "HUMAN", "source_data": {"source_id": "s", "more": 1}},
    },
    {"inputs": {"q": "coded"}, "source": {"source_type": "CODE"}},
    {"inputs": {"q": "unknown"}, "source": {"source_type": "UNSPECIFIED"}},
]
LATER: list[dict[str, Any]] = [
    {"inputs": {"q": "a", "n": 1}, "expectations": {"x": 2, "y": [1]}, "tags": {"k": "v"}},
    {"inputs": {"q": "b", "n": 1.0}, "outputs": None, "tags": {"mlflow.user": "zoe"}},
    {"inputs": {"q": "coded"}, "outputs": [1, 2]},
    {"inputs": {"q": "new"}, "tags": None, "expectations": None},
]


def test_records_are_merged_and_deleted_alike(twins: Twins, dataset: str) -> None:
    for batch in ([], RECORDS, LATER, LATER, []):
        at(twins, "POST", f"{dataset}/records", records=json.dumps(batch))
        at(twins, "GET", f"{dataset}/records")
        at(twins, "GET", dataset)
    sides = [
        [record["dataset_record_id"] for record in json.loads(answer["records"])]
        for answer in (
            server.call("GET", f"{ROOT}/{twins.names[dataset][side]}/records", {})[1]
            for side, server in enumerate((twins.ours, twins.theirs))
        )
    ]
    for count in (3, 100):
        told = [
            server.call(
                "DELETE",
                f"{ROOT}/{twins.names[dataset][side]}/records",
                {"dataset_record_ids": [*sides[side][:count], "dr-none"]},
            )
            for side, server in enumerate((twins.ours, twins.theirs))
        ]
        assert told[0] == told[1]
        at(twins, "GET", dataset)
    at(twins, "GET", f"{dataset}/records")


@pytest.mark.parametrize(
    "message",
    [{}, {"records": ""}, {"records": []}],
)
def test_what_are_no_records_is_refused_alike(
    twins: Twins, dataset: str, message: dict[str, Any]
) -> None:
    assert at(twins, "POST", f"{dataset}/records", **message)[0] == 400


def test_a_record_of_no_known_source_is_refused_alike(twins: Twins, dataset: str) -> None:
    records = json.dumps([{"inputs": {"a": 1}, "source": {"source_type": "guess"}}])

    assert at(twins, "POST", f"{dataset}/records", records=records)[0] == 400


@pytest.mark.parametrize(
    "text",
    ["no json", "{}", "[1]", '[{"inputs": 5}]', '[{"inputs": null}]', '[{"tags": [1]}]'],
)
def test_what_their_server_fails_at_we_refuse(twins: Twins, dataset: str, text: str) -> None:
    ours = twins.names[dataset][0]

    status, answer = twins.ours.call("POST", f"{ROOT}/{ours}/records", {"records": text})

    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_records_come_in_pages(twins: Twins, dataset: str) -> None:
    records = json.dumps([{"inputs": {"n": n}} for n in range(7)])
    at(twins, "POST", f"{dataset}/records", records=records)
    for side, server in enumerate((twins.ours, twins.theirs)):
        path, token = f"{ROOT}/{twins.names[dataset][side]}/records", ""
        sizes: list[int] = []
        while token or not sizes:
            message: dict[str, Any] = {"max_results": 3, "page_token": token}
            answer = server.call("GET", path, message)[1]
            sizes.append(len(json.loads(answer["records"])))
            token = answer.get("next_page_token", "")

        assert sizes == [3, 3, 1]


FILTERS = [
    "name = '{name}-1'",
    "name != '{name}-1'",
    "name LIKE '%-2'",
    "name ILIKE '%D-%-2'",
    "name IN ('{name}-1', '{name}-3')",
    "name NOT IN ('{name}-1')",
    "name = 5",
    "tags.n = '1'",
    "tags.n != '1'",
    "tags.n LIKE '%'",
    "tags.n ILIKE '2'",
    "tags.n > '1'",
    "tags.n IN ('1')",
    "tag.n = '1'",
    "created_time > 5",
    "created_time > '5'",
    "created_time = 5",
    "created_time > 5.5",
    "created_time LIKE '5'",
    "last_update_time >= 0 AND tags.n = '1'",
    "created_by = 'user1'",
    "created_by LIKE 'user%'",
    "last_updated_by != 'user1'",
    "digest = 'x'",
    "name",
    "name = '{name}-1' OR name = 'x'",
]


@pytest.fixture
def three(twins: Twins, name: str, experiment: str) -> str:
    for n in (1, 2, 3):
        tags = json.dumps({"n": str(n), **({"mlflow.user": f"user{n}"} if n < 3 else {})})
        create(twins, f"{name}-{n}", experiment_ids=[experiment], tags=tags)
    return experiment


def test_filters_mean_the_same(twins: Twins, name: str, three: str) -> None:
    for text in FILTERS:
        at(
            twins,
            "POST",
            "search",
            experiment_ids=[three],
            filter_string=text.replace("{name}", name),
            order_by=["name"],
        )


@pytest.mark.parametrize(
    "order",
    [
        ["name"],
        ["name DESC"],
        ["created_time ASC", "name"],
        ["last_update_time DESC"],
        ["created_by"],
        ["tags.n"],
        ["name SIDEWAYS"],
    ],
)
def test_orders_mean_the_same(twins: Twins, three: str, order: list[str]) -> None:
    at(twins, "GET", "search", experiment_ids=[three], order_by=order)


@pytest.mark.parametrize("limit", [0, -1, 1, 2, 50_000, 50_001])
def test_pages_of_datasets_are_alike(twins: Twins, three: str, limit: int) -> None:
    message: dict[str, Any] = {"experiment_ids": [three], "order_by": ["name"]}
    token = at(twins, "POST", "search", **message, max_results=limit)[1].get("next_page_token")
    if token:
        at(twins, "POST", "search", **message, max_results=limit, page_token=token)
    at(twins, "POST", "search", **message, page_token="none of ours")
