"""What a team does with scikit-learn: log by itself, register, alias, load and serve a model."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy
import pytest
import requests
from mlflow import MlflowClient
from sklearn.linear_model import LinearRegression
from tracking.serving import served


@pytest.fixture
def name(signed_in: None) -> Iterator[str]:
    """Of an experiment, and of a model, that MLflow logs to by itself."""
    name = f"s-{uuid.uuid4().hex[:12]}"
    mlflow.set_experiment(name)
    mlflow.sklearn.autolog(registered_model_name=name, log_input_examples=True)
    yield name
    mlflow.sklearn.autolog(disable=True)


def test_a_model_is_logged_by_itself_and_served(name: str, tmp_path: Path) -> None:
    inputs = numpy.arange(20.0).reshape(10, 2)
    with mlflow.start_run() as run:
        fitted = LinearRegression().fit(inputs, inputs.sum(axis=1))
    client = MlflowClient()
    client.set_registered_model_alias(name, "champion", "1")
    uri = f"models:/{name}@champion"

    logged = client.get_run(run.info.run_id)
    assert logged.data.params["fit_intercept"] == "True"
    assert logged.data.metrics["training_r2_score"] == pytest.approx(1)
    assert [dataset.tags[0].value for dataset in logged.inputs.dataset_inputs] == ["train"]
    assert "estimator.html" in [each.path for each in client.list_artifacts(run.info.run_id)]
    assert client.get_model_version_by_alias(name, "champion").run_id == run.info.run_id
    assert mlflow.sklearn.load_model(uri).coef_ == pytest.approx(fitted.coef_)
    assert mlflow.pyfunc.load_model(uri).predict(inputs) == pytest.approx(inputs.sum(axis=1))

    with served(uri, tmp_path) as url:
        answer = requests.post(url, json={"inputs": [[1.0, 2.0]]}, timeout=60)
    assert answer.json()["predictions"] == pytest.approx([3])


def test_the_command_line_finds_what_was_logged(name: str) -> None:
    with mlflow.start_run(run_name="by hand"):
        mlflow.log_text("hello", "notes/hello.txt")
    run = mlflow.last_active_run()
    assert run is not None

    def told(*words: str) -> str:
        command = [sys.executable, "-m", "mlflow", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert name in told("experiments", "search")
    assert "by hand" in told("runs", "list", "--experiment-id", run.info.experiment_id)
    described = json.loads(told("runs", "describe", "--run-id", run.info.run_id))
    assert described["info"]["status"] == "FINISHED"
    listed = told("artifacts", "list", "--run-id", run.info.run_id, "--artifact-path", "notes")
    assert "notes/hello.txt" in listed
