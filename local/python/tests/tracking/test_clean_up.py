"""Deleted runs and experiments go for good, by the schedule, when their time is over."""

import json
import time
import uuid
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import LifecycleStage, ViewType
from mlflow.exceptions import MlflowException
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of

LONG_AGO = 1_000_000_000_000


@pytest.fixture
def client(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return mlflow.MlflowClient(stack.mlflow)


def age(stack: LocalStack, kind: str, identity: str) -> None:
    """Make what was deleted just now a thing that was deleted long ago, in all rows."""
    where = json.loads((stack.state / "stack.json").read_text(encoding="utf-8"))
    table = (
        stack.session()
        .resource("dynamodb", endpoint_url=where["dynamodb"])
        .Table(stack.outputs["TrackingTable"])
    )
    [row] = [
        row
        for row in table.query(
            KeyConditionExpression="pk = :trash",
            ExpressionAttributeValues={":trash": "trash"},
            ConsistentRead=True,
        )["Items"]
        if str(row["sk"]).endswith(f"#{kind}#{identity}")
    ]
    if kind == "run":
        key, name = {"pk": f"run#{identity}", "sk": "head"}, "deleted"
    else:
        key, name = {"pk": "experiments", "sk": identity}, "updated"
    table.put_item(Item={**row, "sk": f"{LONG_AGO:015d}#{kind}#{identity}"})
    table.update_item(
        Key=key,
        UpdateExpression="SET #name = :at",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":at": LONG_AGO},
    )


def wait_until_gone(client: mlflow.MlflowClient, run: str) -> None:
    for _ in range(60):
        try:
            client.get_run(run)
        except MlflowException as gone:
            assert gone.error_code == "RESOURCE_DOES_NOT_EXIST"
            return
        time.sleep(1)
    raise AssertionError(f"the run {run} is still there")


def test_what_was_deleted_long_ago_goes_and_nothing_else(
    stack: LocalStack, client: mlflow.MlflowClient, tmp_path: Path
) -> None:
    experiment = client.create_experiment(f"cleaned up {uuid.uuid4()}")
    doomed, restored, young = (client.create_run(experiment).info.run_id for _ in range(3))
    (tmp_path / "model.bin").write_bytes(b"weights")
    for run in (doomed, restored, young):
        client.log_metric(run, "loss", 0.5)
        client.log_artifact(run, str(tmp_path / "model.bin"))
        client.delete_run(run)
    age(stack, "run", doomed)
    client.restore_run(restored)

    wait_until_gone(client, doomed)
    everything = client.search_runs([experiment], run_view_type=ViewType.ALL)

    assert {run.info.run_id for run in everything} == {restored, young}
    assert client.get_run(young).info.lifecycle_stage == LifecycleStage.DELETED
    assert [file.path for file in client.list_artifacts(restored)] == ["model.bin"]
    wait_until_empty(stack, f"{experiment}/{doomed}/")

    client.delete_experiment(experiment)
    age(stack, "experiment", experiment)
    wait_until_gone(client, young)
    wait_until_gone(client, restored)
    wait_until_empty(stack, f"{experiment}/")


def wait_until_empty(stack: LocalStack, prefix: str) -> None:
    s3 = stack.session().client("s3", endpoint_url=stack.aws)
    bucket = stack.outputs["ArtifactBucket"]
    for _ in range(30):
        if not s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents"):
            return
        time.sleep(1)
    raise AssertionError(f"{prefix} still holds artifacts")
