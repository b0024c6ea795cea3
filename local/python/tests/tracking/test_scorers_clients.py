"""Scorers by MLflow's own client, unmodified."""

import uuid

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from mlflow.genai.judges import make_judge
from mlflow.genai.scorers import delete_scorer, get_scorer, list_scorers
from mlflow.genai.scorers.registry import list_scorer_versions
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of


@pytest.fixture
def experiment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return str(mlflow.set_experiment(f"s-{uuid.uuid4().hex[:12]}").experiment_id)


def test_a_judge_is_registered_listed_got_and_deleted(experiment: str) -> None:
    for word in ("good", "better"):
        judge = make_judge(
            name="quality",
            instructions=f"Is {{{{ outputs }}}} {word}?",
            model="openai:/gpt-4.1-mini",
            feedback_value_type=bool,
        )
        judge.register(experiment_id=experiment)

    assert [each.name for each in list_scorers(experiment_id=experiment)] == ["quality"]
    assert len(list_scorer_versions(name="quality", experiment_id=experiment)) == 2
    assert "better" in get_scorer(name="quality", experiment_id=experiment).instructions
    first = get_scorer(name="quality", experiment_id=experiment, version=1)
    assert "good" in first.instructions
    delete_scorer(name="quality", experiment_id=experiment, version="all")
    assert list_scorers(experiment_id=experiment) == []
    with pytest.raises(MlflowException, match="not found"):
        get_scorer(name="quality", experiment_id=experiment)
