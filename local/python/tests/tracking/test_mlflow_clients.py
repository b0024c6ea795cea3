"""MLflow's own clients, unmodified, against our server."""

import multiprocessing
import uuid
from collections.abc import Callable
from typing import Any

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of

PROCESSES = 32
POINTS = 10


@pytest.fixture
def experiment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new experiment, in which the fluent API logs."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    name = f"c-{uuid.uuid4().hex[:12]}"
    return str(mlflow.set_experiment(name).experiment_id)


def test_the_fluent_api_logs_and_finds_runs(experiment: str) -> None:
    for depth in (3, 5):
        with mlflow.start_run(run_name=f"depth {depth}", tags={"kind": "tree"}) as run:
            mlflow.log_params({"depth": depth, "text": "ä" * 5_000})
            mlflow.log_metrics({"loss": 1 / depth, "nan": float("nan")}, step=1)
            for step in range(2, 5):
                mlflow.log_metric("loss", 1 / depth / step, step=step)
            mlflow.set_tag("mlflow.note.content", "# read me")
            table = mlflow.data.from_numpy(__import__("numpy").zeros(3), name="zeros")
            mlflow.log_input(table, context="training")

    found = mlflow.search_runs(
        [experiment],
        filter_string="metrics.loss < 0.06 and params.depth = '5' and datasets.name = 'zeros'",
        order_by=["metrics.loss DESC"],
    )

    assert list(found["run_id"]) == [run.info.run_id]
    kept = mlflow.get_run(run.info.run_id)
    assert kept.info.status == "FINISHED"
    assert kept.data.params["text"] == "ä" * 5_000
    assert kept.data.metrics["loss"] == 0.05
    assert kept.inputs.dataset_inputs[0].dataset.name == "zeros"
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert [metric.step for metric in history] == [1, 2, 3, 4]


def test_a_parameter_keeps_its_value(experiment: str) -> None:
    with mlflow.start_run():
        mlflow.log_param("depth", 3)
        mlflow.log_param("depth", 3)
        with pytest.raises(MlflowException, match="Changing param values is not allowed"):
            mlflow.log_param("depth", 4)


def log(run_id: str, process: int) -> None:
    client = mlflow.MlflowClient()
    for n in range(POINTS):
        client.log_metric(run_id, "m", process + n / 100, step=n)
    client.log_param(run_id, f"p{process}", process)


def test_many_processes_log_to_one_run(experiment: str) -> None:
    run = mlflow.MlflowClient().create_run(experiment)
    fork = multiprocessing.get_context("fork")
    processes = [
        fork.Process(target=log, args=(run.info.run_id, number)) for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * PROCESSES

    client = mlflow.MlflowClient()
    history = client.get_metric_history(run.info.run_id, "m")
    kept = client.get_run(run.info.run_id)
    assert len(history) == PROCESSES * POINTS
    latest = max(history, key=lambda metric: (metric.step, metric.timestamp, metric.value))
    assert kept.data.metrics["m"] == latest.value
    assert len(kept.data.params) == PROCESSES


def test_a_page_that_lambda_cannot_hand_over_ends_early(experiment: str) -> None:
    client = mlflow.MlflowClient()
    params = [mlflow.entities.Param(f"p{n}", "x" * 6_000) for n in range(40)]
    for _ in range(30):
        client.log_batch(client.create_run(experiment).info.run_id, params=params)

    first = client.search_runs([experiment], max_results=50_000)

    assert first.token
    assert 1 < len(first) < 30
    assert len(mlflow.search_runs([experiment], output_format="list")) == 30


@pytest.mark.parametrize("way", ["password", "signature"])
def test_other_ways_in_work(stack: LocalStack, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "password":
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anybody")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", token_of(stack))
        mlflow.set_tracking_uri(stack.mlflow)
    else:
        monkeypatch.setenv("MLFLOW_TRACKING_AWS_SIGV4", "true")
        for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test")):
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
        mlflow.set_tracking_uri(stack.signed_mlflow)

    assert mlflow.get_experiment("0").name == "Default"


def test_nobody_gets_in_without_a_token(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "snt_none")
    mlflow.set_tracking_uri(stack.mlflow)

    with pytest.raises(MlflowException, match="Forbidden"):
        mlflow.get_experiment("0")


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.create_experiment("no"),
        lambda client: client.set_experiment_tag("0", "a", "b"),
        lambda client: client.create_run("0"),
    ],
)
def test_a_reader_changes_nothing(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]
) -> None:
    issued = stack.api().post("/v1/tokens", {"principal": "reader", "role": "reader"})
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", issued["token"])
    mlflow.set_tracking_uri(stack.mlflow)
    client = mlflow.MlflowClient()

    assert client.search_experiments(max_results=1)
    with pytest.raises(MlflowException, match="PERMISSION_DENIED"):
        change(client)


def test_a_token_for_some_buckets_sees_no_experiments(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = stack.api().post(
        "/v1/tokens", {"principal": "job", "role": "writer", "buckets": ["films"]}
    )
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", issued["token"])
    mlflow.set_tracking_uri(stack.mlflow)

    with pytest.raises(MlflowException, match="PERMISSION_DENIED"):
        mlflow.MlflowClient().search_experiments()


def test_what_no_item_holds_is_refused_at_once(experiment: str) -> None:
    client = mlflow.MlflowClient()
    run = client.create_run(experiment).info.run_id
    dataset = mlflow.entities.Dataset("big", "d", "local", "s", schema="x" * 500_000)

    with pytest.raises(MlflowException, match="INVALID_PARAMETER_VALUE"):
        client.log_inputs(run, [mlflow.entities.DatasetInput(dataset)])
