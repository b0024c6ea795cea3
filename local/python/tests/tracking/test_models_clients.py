"""Logged models by MLflow's own client, unmodified."""

import uuid

import mlflow
import pytest
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of


@pytest.fixture
def experiment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return str(mlflow.set_experiment(f"m-{uuid.uuid4().hex[:12]}").experiment_id)


def test_a_model_is_made_measured_and_found(experiment: str) -> None:
    params = {f"p{n}": "ä" * n for n in range(150)}
    dataset = mlflow.data.from_numpy(__import__("numpy").zeros(3), name="zeros")
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model("tree", params=params, tags={"kind": "tree"})
        mlflow.log_metric("loss", 0.5, step=1, model_id=model.model_id, dataset=dataset)
        mlflow.log_metrics({"loss": 0.25, "auc": 0.9}, step=2, model_id=model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")
        mlflow.set_logged_model_tags(model.model_id, {"mlflow.modelVersions": "[]"})
        mlflow.delete_logged_model_tag(model.model_id, "kind")
    mlflow.initialize_logged_model("other")

    found = mlflow.search_logged_models(
        [experiment],
        filter_string="metrics.loss < 0.3 AND params.p2 = 'ää'",
        order_by=[{"field_name": "metrics.auc", "ascending": False}],
        output_format="list",
    )
    measured = mlflow.search_logged_models(
        [experiment], datasets=[{"dataset_name": "zeros"}], output_format="list"
    )

    assert [each.model_id for each in found] == [model.model_id]
    assert [each.model_id for each in measured] == [model.model_id]
    kept = mlflow.get_logged_model(model.model_id)
    assert kept.status == "READY"
    assert kept.source_run_id == run.info.run_id
    assert {key: kept.params[key] for key in params} == params
    assert kept.tags["mlflow.modelVersions"] == "[]"
    assert "kind" not in kept.tags
    assert sorted((m.key, m.value, m.step) for m in kept.metrics or []) == [
        ("auc", 0.9, 2),
        ("loss", 0.25, 2),
        ("loss", 0.5, 1),
    ]


def test_a_deleted_model_is_not_found(experiment: str) -> None:
    model = mlflow.initialize_logged_model("gone")
    mlflow.MlflowClient().delete_logged_model(model.model_id)

    assert mlflow.search_logged_models([experiment], output_format="list") == []
    with pytest.raises(mlflow.exceptions.MlflowException, match="not found"):
        mlflow.get_logged_model(model.model_id)
