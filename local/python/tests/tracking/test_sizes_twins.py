"""Requests as large as MLflow, and as Lambda, takes them, and larger ones."""

import uuid
from typing import Any

import mlflow
import pytest
import requests
from mlflow.entities import RunTag
from mlflow.exceptions import MlflowException
from tracking.twins import Server, Twins

LAMBDA_TAKES = 6 * 1024 * 1024
KEY = "k" * 246


@pytest.fixture
def name() -> str:
    return f"sizes-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def run(twins: Twins, name: str) -> str:
    twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
    known = f"<run of {name}>"
    at = ("run", "info", "run_id")
    twins.create("runs/create", known, at, experiment_id=f"<{name}>", run_name="r", start_time=1)
    return known


def metrics(many: int) -> list[dict[str, Any]]:
    return [{"key": f"{KEY}{n:04}", "value": n, "timestamp": n, "step": n} for n in range(many)]


def pairs(many: int, size: int) -> list[dict[str, Any]]:
    return [{"key": f"{KEY}{n:04}", "value": f"{n:04}" + "v" * (size - 4)} for n in range(many)]


def test_the_largest_batch_is_taken_alike(twins: Twins, run: str) -> None:
    batch = {"metrics": metrics(800), "params": pairs(100, 6_000), "tags": pairs(100, 8_000)}

    status, _ = twins.call("POST", "runs/log-batch", run_id=run, **batch)

    assert status == 200
    twins.call("GET", "runs/get", run_id=run)


@pytest.mark.parametrize(
    "batch",
    [
        {"metrics": metrics(1_001)},
        {"params": pairs(101, 4)},
        {"tags": pairs(101, 4)},
        {"metrics": metrics(900), "params": pairs(51, 4), "tags": pairs(50, 4)},
        {"metrics": metrics(1), "params": pairs(1, 6_001)},
        {"metrics": metrics(1), "tags": pairs(1, 8_001)},
        {"metrics": metrics(1), "tags": [{"key": "t" * 251, "value": "1"}]},
        {"tags": pairs(100, 60_000)},
    ],
)
def test_a_larger_batch_is_refused_alike(twins: Twins, run: str, batch: dict[str, Any]) -> None:
    twins.call("POST", "runs/log-batch", run_id=run, **batch)
    twins.call("GET", "runs/get", run_id=run)


def test_what_lambda_just_takes_is_answered_alike(twins: Twins, run: str) -> None:
    value = "v" * (LAMBDA_TAKES - 10_000)

    cut, _ = twins.call("POST", "runs/set-tag", run_id=run, key="t", value=value)
    status, refused = twins.call(
        "POST", "runs/log-metric", run_id=run, key=value, value=1, timestamp=1
    )

    assert cut == 200
    assert (status, refused["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    twins.call("GET", "runs/get", run_id=run)


def test_what_lambda_does_not_take_is_refused_before(
    twins: Twins, ours: Server, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = twins.names[run][0]
    value = "v" * LAMBDA_TAKES
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", str(ours.token))
    mlflow.set_tracking_uri(ours.url)

    answer = requests.post(
        f"{ours.url}/api/2.0/mlflow/runs/set-tag",
        json={"run_id": run_id, "key": "t", "value": value},
        headers={"authorization": f"Bearer {ours.token}"},
        timeout=60,
    )
    with pytest.raises(MlflowException, match="Request Entity Too Large"):
        mlflow.MlflowClient().log_batch(run_id, tags=[RunTag("t", value)])

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})
