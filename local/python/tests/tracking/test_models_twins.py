"""Logged models: every answer as MLflow's own server gives it."""

import uuid
from typing import Any

import pytest
from tracking.twins import Server, Twins

MODEL = ("model", "info", "model_id")


@pytest.fixture
def experiment(twins: Twins) -> str:
    name = f"m-{uuid.uuid4().hex[:12]}"
    known = f"<{name}>"
    twins.create("experiments/create", known, ("experiment_id",), name=name)
    return known


@pytest.fixture
def run(twins: Twins, experiment: str) -> str:
    known = f"<run of {experiment}>"
    twins.create(
        "runs/create", known, ("run", "info", "run_id"), experiment_id=experiment, run_name="first"
    )
    return known


@pytest.fixture
def model(twins: Twins, experiment: str, run: str) -> str:
    return create(twins, experiment, "first", model_type="tree", source_run_id=run)


def create(twins: Twins, experiment: str, name: str, **message: Any) -> str:
    known = f"<{name} of {experiment}>"
    twins.create("logged-models", known, MODEL, experiment_id=experiment, name=name, **message)
    return known


def at(twins: Twins, method: str, model: str, rest: str = "", **message: Any) -> tuple[int, Any]:
    """A call whose path has a model's id."""
    answers = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        path = f"logged-models/{twins.names.get(model, (model, model))[side]}{rest}"
        answers.append(twins.told(server, side, method, path, message))
    assert answers[0] == answers[1], f"{method} {rest} {message}\n{answers[0]}\n{answers[1]}"
    return answers[0]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"name": "n"},
        {"experiment_id": "999"},
        {"experiment_id": "x"},
        {"experiment_id": 5},
        {"experiment_id": "0", "name": "a/b"},
        {"experiment_id": "0", "name": "a'b"},
        {"experiment_id": "0", "name": 5},
        {"experiment_id": "0", "tags": "none"},
    ],
)
def test_a_model_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert twins.call("POST", "logged-models", **message)[0] in (400, 404)


def test_a_deleted_experiment_gets_no_model(twins: Twins, experiment: str) -> None:
    twins.call("POST", "experiments/delete", experiment_id=experiment)
    twins.call("POST", "logged-models", experiment_id=experiment, name="late")


def test_a_model_lives_alike(twins: Twins, model: str) -> None:
    at(twins, "GET", model)
    at(twins, "PATCH", model, model_id=model, status="LOGGED_MODEL_READY")
    at(twins, "PATCH", model, model_id=model, status=3)
    at(twins, "PATCH", model, model_id=model, status="LOGGED_MODEL_STATUS_UNSPECIFIED")
    at(twins, "PATCH", model, status=1)
    at(twins, "PATCH", model, model_id=model)
    at(twins, "PATCH", "m-none", model_id="m-none", status=1)
    params = [{"key": "a", "value": "1"}, {"key": "b", "value": ""}, {"key": "c"}]
    at(twins, "POST", model, "/params", model_id=model, params=params)
    at(twins, "POST", model, "/params", params=params)
    at(twins, "POST", "m-none", "/params", model_id="m-none", params=params)
    tags = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}, {"key": "b c", "value": "ü"}]
    at(twins, "PATCH", model, "/tags", tags=tags)
    at(twins, "PATCH", model, "/tags", tags=[{"key": "a", "value": "3"}])
    at(twins, "PATCH", model, "/tags")
    at(twins, "PATCH", model, "/tags", tags="none")
    at(twins, "GET", model)
    at(twins, "DELETE", model, "/tags/a")
    at(twins, "DELETE", model, "/tags/a")
    at(twins, "DELETE", model, "/tags/b%20c")
    at(twins, "DELETE", "m-none", "/tags/a")
    at(twins, "GET", "m-none")
    at(twins, "DELETE", "m-none")
    at(twins, "DELETE", model)
    at(twins, "DELETE", model)
    at(twins, "GET", model)
    at(twins, "PATCH", model, "/tags", tags=[{"key": "late", "value": "1"}])
    at(twins, "GET", model, allow_deleted="true")
    at(twins, "GET", model, allow_deleted="no")


def test_a_parameter_keeps_its_value(twins: Twins, model: str) -> None:
    ours = twins.names[model][0]
    path = f"logged-models/{ours}/params"
    for value, status in (("1", 200), ("1", 200), ("2", 400)):
        message = {"model_id": ours, "params": [{"key": "a", "value": value}]}
        assert twins.ours.call("POST", path, message)[0] == status


def metric(key: str, value: float | str, step: int, **more: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "timestamp": 1_000 + step, "step": step, **more}


def test_metrics_go_to_their_models(twins: Twins, experiment: str, model: str, run: str) -> None:
    other = create(twins, experiment, "other")
    dataset = {"dataset_name": "d", "dataset_digest": "g"}
    twins.call("POST", "runs/log-metric", run_id=run, model_id=model, **metric("loss", 1, 1))
    twins.call("POST", "runs/log-metric", run_id=run, model_id=model, **metric("loss", 1, 1))
    twins.call("POST", "runs/log-metric", run_id=run, **metric("loss", 2, 2, **dataset))
    twins.call("POST", "runs/log-metric", run_id=run, **metric("x", 2, 2, dataset_name="d"))
    batch = [
        metric("loss", 3, 3, model_id=model),
        metric("loss", "NaN", 4, model_id=model, **dataset),
        metric("auc", "Infinity", 5, model_id=other, **dataset),
        metric("auc", 7, 6),
    ]
    twins.call("POST", "runs/log-batch", run_id=run, metrics=batch)
    twins.call(
        "POST", "runs/log-batch", run_id=run, metrics=[metric("y", 1, 1, dataset_digest="g")]
    )
    twins.call("POST", "runs/log-batch", run_id="none", metrics=[metric("y", 1, 1, model_id=model)])
    at(twins, "GET", model)
    at(twins, "GET", other)
    twins.call("GET", "runs/get", run_id=run)
    twins.call("GET", "metrics/get-history", run_id=run, metric_key="loss")


def test_a_metric_of_no_model_is_refused(twins: Twins, run: str) -> None:
    for id in ("m-none", "m-" + "0" * 32):
        for server, side in ((twins.ours, 0), (twins.theirs, 1)):
            message = {"run_id": twins.names[run][side], "model_id": id, **metric("a", 1, 1)}
            status, answer = server.call("POST", "runs/log-metric", message)
            assert (status, answer["error_code"]) == (400, "BAD_REQUEST")


@pytest.fixture
def searched(twins: Twins, experiment: str, run: str) -> str:
    """An experiment with models to be found."""
    for number in range(4):
        known = create(
            twins,
            experiment,
            f"n{number}",
            model_type="Tree" if number % 2 else "net",
            params=[{"key": "depth", "value": str(number)}] if number else [],
            tags=[{"key": "a b", "value": "x"}] if number > 1 else [],
        )
        data = {"dataset_name": f"d{number % 2}", "dataset_digest": f"g{number % 2}"}
        metrics = [
            metric("loss", 1 / (step + number), step, model_id=known, **data if step else {})
            for step in range(1 if number else 2, 3)
            if number < 3
        ]
        twins.call("POST", "runs/log-batch", run_id=run, metrics=metrics)
        if number == 2:
            at(twins, "PATCH", known, model_id=known, status=2)
    gone = create(twins, experiment, "gone")
    at(twins, "DELETE", gone)
    return experiment


def test_models_are_found_alike(twins: Twins, searched: str) -> None:
    filters = [
        "",
        "name = 'n1'",
        "name LIKE 'n%' AND model_type ILIKE 'TREE'",
        "name like 'N%'",
        "name != 'n1' and attributes.name != 'n2'",
        "name IN ('n1', 'n3')",
        "name NOT IN ('n1', 'n3')",
        "status = '2'",
        "status LIKE 'LOGGED%'",
        "source_run_id = ''",
        "creation_time > 5 AND last_updated_timestamp < 5",
        "creation_timestamp >= 5",
        "metrics.loss > 0.3",
        "metrics.`loss` <= 0.34",
        "metrics.none != 1",
        "params.depth = 1",
        "params.depth != '1'",
        "params.depth IN ('1', '2')",
        "tags.`a b` = 'x'",
        "tags.none LIKE '%'",
        "name > 'a'",
        "metrics.loss LIKE '1'",
        "metrics.loss IN (1)",
        "params.depth > 1",
        "foo.x = 'a'",
        "name = 'a' OR name = 'b'",
        "name IS NULL",
        "name =",
    ]
    for text in filters:
        twins.call("POST", "logged-models/search", experiment_ids=[searched], filter=text)


@pytest.mark.parametrize("name", [None, "d0", "d1", "none"])
def test_datasets_narrow_metrics(twins: Twins, searched: str, name: str | None) -> None:
    dataset = {"dataset_name": name, "dataset_digest": name and "g" + name[1:]}
    for text in ("", "metrics.loss > 0.3", "name LIKE '%'"):
        twins.call(
            "POST",
            "logged-models/search",
            experiment_ids=[searched],
            filter=text,
            datasets=[dataset, {"dataset_name": "e", "dataset_digest": "e"}],
        )


def test_models_are_ordered_alike(twins: Twins, searched: str) -> None:
    orders: list[list[dict[str, Any]]] = [
        [{"field_name": "name"}],
        [{"field_name": "name", "ascending": False}],
        [{"field_name": "model_type"}, {"field_name": "creation_time", "ascending": True}],
        [{"field_name": "status", "ascending": False}],
        [{"field_name": "metrics.loss"}],
        [{"field_name": "metrics.loss", "ascending": False}],
        [{"field_name": "metrics.loss", "dataset_name": "d1"}],
        [{"field_name": "metrics.loss", "dataset_name": "d0", "dataset_digest": "g0"}],
        [{"field_name": "metrics.none"}],
        [{"field_name": "params.depth"}],
    ]
    for order in orders:
        twins.call("POST", "logged-models/search", experiment_ids=[searched], order_by=order)
        pages(twins, searched, order)


def pages(twins: Twins, experiment: str, order: list[dict[str, Any]]) -> None:
    """Pages of one model; tokens are each server's own."""
    found: list[list[str]] = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        names: list[str] = []
        token = ""
        while not names or token:
            message = {
                "experiment_ids": [twins.names[experiment][side]],
                "order_by": order,
                "max_results": 1,
                "page_token": token,
            }
            status, answer = server.call("POST", "logged-models/search", message)
            if status != 200:
                break
            names += [model["info"]["name"] for model in answer["models"]]
            token = answer.get("next_page_token", "")
        found.append(names)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"experiment_ids": []},
        {"experiment_ids": ["x"]},
        {"experiment_ids": ["987654321"]},
        {"experiment_ids": "0"},
        {"experiment_ids": ["0"], "datasets": [{}]},
        {"experiment_ids": ["0"], "order_by": "name"},
        {"experiment_ids": ["0"], "max_results": "x"},
    ],
)
def test_searches_are_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    twins.call("POST", "logged-models/search", **message)


@pytest.mark.parametrize("field", ["foo", ""])
def test_unknown_orders_are_refused(ours: Server, field: str) -> None:
    message = {"experiment_ids": ["0"], "order_by": [{"field_name": field}]}

    assert ours.call("POST", "logged-models/search", message)[0] == 400


def test_a_model_shows_its_artifacts_alike(twins: Twins, model: str) -> None:
    for server in (twins.ours, twins.theirs):
        side = 0 if server is twins.ours else 1
        location = server.call("GET", f"logged-models/{twins.names[model][side]}", {})[1]["model"][
            "info"
        ]["artifact_uri"]
        for name in ("MLmodel", "data/notes.txt"):
            path = location.removeprefix("mlflow-artifacts:/")
            headers = {"authorization": f"Bearer {server.token}"} if server.token else {}
            url = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{path}/{name}"
            server.session.put(url, data=b"some", headers=headers, timeout=60).raise_for_status()

    listed = at(twins, "GET", model, "/artifacts/directories")
    at(twins, "GET", model, "/artifacts/directories", artifact_directory_path="data")
    at(twins, "GET", model, "/artifacts/directories", artifact_directory_path="../x")
    at(twins, "GET", "m-none", "/artifacts/directories")

    assert [each["path"] for each in listed[1]["files"]] == ["MLmodel", "data"]


def test_a_browser_is_sent_to_what_a_model_keeps(twins: Twins, model: str) -> None:
    ours = twins.ours
    path = f"/ajax-api/2.0/mlflow/logged-models/{twins.names[model][0]}/artifacts/files"

    assert ours.call("GET", path, {})[1]["error_code"] == "BAD_REQUEST"
    missing = ours.call("GET", path, {"artifact_file_path": "none"})
    assert (missing[0], missing[1]["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
