"""Evaluation datasets by MLflow's own client, unmodified."""

import uuid

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from mlflow.genai.datasets import (
    create_dataset,
    delete_dataset,
    delete_dataset_tag,
    get_dataset,
    search_datasets,
    set_dataset_tags,
)
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of


@pytest.fixture
def experiment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return str(mlflow.set_experiment(f"d-{uuid.uuid4().hex[:12]}").experiment_id)


def test_a_dataset_is_made_filled_found_and_deleted(experiment: str) -> None:
    name = f"d-{uuid.uuid4().hex[:12]}"
    dataset = create_dataset(name=name, experiment_id=experiment, tags={"team": "ä"})
    dataset.merge_records(
        [
            {"inputs": {"question": "a"}, "expectations": {"answer": "1"}, "tags": {"x": "y"}},
            {"inputs": {"question": "b"}},
        ]
    )
    dataset.merge_records([{"inputs": {"question": "a"}, "expectations": {"more": [1, 2.5]}}])

    kept = get_dataset(dataset_id=dataset.dataset_id)
    frame = kept.to_df().set_index(kept.to_df()["inputs"].map(lambda each: each["question"]))
    assert len(frame) == 2
    assert frame.loc["a", "expectations"] == {"answer": "1", "more": [1, 2.5]}
    assert kept.experiment_ids == [experiment]
    assert kept.profile == '{"num_records": 2}'
    set_dataset_tags(dataset_id=dataset.dataset_id, tags={"stage": "gold"})
    delete_dataset_tag(dataset_id=dataset.dataset_id, key="team")
    found = search_datasets(experiment_ids=[experiment], filter_string="tags.stage = 'gold'")
    assert [each.name for each in found] == [name]
    assert found[0].tags["stage"] == "gold"
    assert "team" not in found[0].tags
    delete_dataset(dataset_id=dataset.dataset_id)
    with pytest.raises(MlflowException, match="not found"):
        get_dataset(dataset_id=dataset.dataset_id)


def test_many_records_come_in_pages(experiment: str) -> None:
    dataset = create_dataset(name=f"d-{uuid.uuid4().hex[:12]}", experiment_id=experiment)
    dataset.merge_records([{"inputs": {"n": n}, "outputs": "ö" * 150} for n in range(2_500)])

    frame = get_dataset(dataset_id=dataset.dataset_id).to_df()

    assert sorted(each["n"] for each in frame["inputs"]) == list(range(2_500))
