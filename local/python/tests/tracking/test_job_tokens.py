"""Tokens for jobs: short-lived, for some experiments, made by those for whom the job works."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from snapslice_local.rest import Api, ApiError, LocalStack


@pytest.fixture
def user(stack: LocalStack) -> tuple[str, Api]:
    """Somebody with a writer's token, and our API as they ask it."""
    name = f"u-{uuid.uuid4().hex[:12]}"
    issued = stack.api().post("/v1/tokens", {"principal": name, "role": "writer"})
    return str(issued["id"]), replace(stack.api(), url=stack.token_api, token=issued["token"])


@pytest.fixture
def by(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], MlflowClient]:
    """Lets all clients of MLflow show that token from now on."""
    mlflow.set_tracking_uri(stack.mlflow)
    mlflow.set_registry_uri(stack.mlflow)

    def be(token: Any) -> MlflowClient:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", str(token))
        return MlflowClient()

    return be


def job(api: Api, **limits: Any) -> dict[str, Any]:
    """A new token for a job."""
    return dict(api.post("/v1/tokens", {"role": "writer", "expiresIn": 600, **limits}))


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(MlflowException, match="Permission denied"):
        work()


def test_a_job_logs_into_its_experiment_and_nowhere_else(
    user: tuple[str, Api], by: Callable[[Any], MlflowClient], tmp_path: Path
) -> None:
    _, api = user
    client = by(api.token)
    own, other = (client.create_experiment(f"e-{uuid.uuid4().hex[:12]}") for _ in "ab")
    theirs = client.create_run(other).info.run_id
    client.log_text(theirs, "theirs", "a.txt")

    client = by(job(api, experiments=[own])["token"])
    with mlflow.start_run(experiment_id=own) as run:
        mlflow.log_params({"layers": 3})
        mlflow.log_metric("loss", 0.5)
        mlflow.log_text("learned", "notes/a b.txt")
    loaded = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a b.txt")

    assert loaded == "learned"
    assert client.get_run(run.info.run_id).data.params == {"layers": "3"}
    found = client.search_runs([own, other])
    assert [each.info.run_id for each in found] == [run.info.run_id]
    assert [each.experiment_id for each in client.search_experiments()] == [own]
    refused(lambda: client.get_run(theirs))
    refused(lambda: client.log_metric(theirs, "loss", 1))
    refused(lambda: client.list_artifacts(theirs))
    refused(lambda: client.create_experiment("another"))
    refused(lambda: client.create_registered_model(f"m-{uuid.uuid4().hex[:12]}"))
    refused(lambda: client.delete_experiment(own))


def test_the_fleet_takes_no_artifact_for_another_experiment(
    stack: LocalStack, user: tuple[str, Api], by: Callable[[Any], MlflowClient]
) -> None:
    _, api = user
    client = by(api.token)
    own, other = (client.create_experiment(f"e-{uuid.uuid4().hex[:12]}") for _ in "ab")
    headers = {"authorization": f"Bearer {job(api, experiments=[own])['token']}"}
    status = {}
    for experiment in (own, other):
        root = client.create_run(experiment).info.artifact_uri.removeprefix("mlflow-artifacts:/")
        url = f"{stack.mlflow}/api/2.0/mlflow-artifacts/artifacts/{root}/a.txt"
        status[experiment] = [
            requests.put(url, data=b"bytes", headers=headers, timeout=30).status_code,
            requests.get(url, headers=headers, timeout=30).status_code,
        ]

    assert status == {own: [200, 200], other: [403, 403]}


def test_a_token_ends_when_it_says_or_with_the_one_that_made_it(
    stack: LocalStack, user: tuple[str, Api], by: Callable[[Any], MlflowClient]
) -> None:
    parent, api = user
    short = job(api, expiresIn=2)["token"]
    child = job(api)["token"]
    time.sleep(2.1)
    with pytest.raises(MlflowException, match="Forbidden"):
        by(short).search_experiments()

    stack.api().call("DELETE", f"/v1/tokens/{parent}")

    with pytest.raises(MlflowException, match="Forbidden"):
        by(child).search_experiments()


def test_nobody_makes_more_of_a_token_than_it_is(user: tuple[str, Api]) -> None:
    _, api = user
    experiment = "1"
    narrowed = job(api, experiments=[experiment])
    by_job = replace(api, token=narrowed["token"])

    for body in (
        {"role": "admin", "expiresIn": 60},
        {"role": "writer"},
        {"role": "reader", "expiresIn": 60, "principal": "somebody else"},
    ):
        with pytest.raises(ApiError, match="403"):
            api.post("/v1/tokens", body)
    for body in (
        {"role": "writer", "expiresIn": 60},
        {"role": "writer", "expiresIn": 60, "experiments": [experiment]},
    ):
        with pytest.raises(ApiError, match="403"):
            by_job.post("/v1/tokens", body)
    listed = [each["id"] for each in api.get("/v1/tokens")["tokens"]]
    assert narrowed["id"] in listed
    assert len(listed) == 2
