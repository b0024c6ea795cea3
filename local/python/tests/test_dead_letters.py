"""What cannot be read is laid aside, alone, and brought back when that was mended."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from registered import Bucket, eventually
from snapslice_local.redrive import redrive
from snapslice_local.rest import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

POISON = "no event at all"


@pytest.fixture
def sqs(stack: LocalStack) -> Iterator["SQSClient"]:
    client = stack.session().client("sqs", endpoint_url=stack.aws)
    yield client
    # As long as something lies there, nothing is believed complete.
    client.purge_queue(QueueUrl=stack.outputs["EventsDlqUrl"])


def test_lays_a_poison_message_aside_alone_and_brings_messages_back(
    stack: LocalStack, sqs: "SQSClient", bucket: Bucket
) -> None:
    events, dead = stack.outputs["EventsQueueUrl"], stack.outputs["EventsDlqUrl"]

    def laid_aside() -> list[str]:
        answer = sqs.receive_message(QueueUrl=dead, VisibilityTimeout=1, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]

    bucket.enable()
    bucket.recorded.put("before", b"1")
    sqs.send_message(QueueUrl=events, MessageBody=POISON)
    bucket.recorded.put("after", b"2")
    moment = bucket.recorded.moment()
    eventually(lambda: laid_aside() == [POISON], laid_aside)
    assert bucket.versions(moment.spec) == moment.versions

    sqs.send_message(QueueUrl=dead, MessageBody=json.dumps(creation(bucket.name, "failed-once")))
    eventually(lambda: redrive(sqs, dead, events) > 0, laid_aside)
    eventually(
        lambda: "failed-once" in bucket.versions(bucket.recorded.moment().spec),
        lambda: bucket.get(),
    )
    eventually(lambda: laid_aside() == [POISON], laid_aside)


def creation(bucket: str, key: str) -> dict[str, object]:
    """What S3 sends when an object is put."""
    put = {"key": key, "size": 1, "eTag": "e", "versionId": "v1", "sequencer": "00"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": put},
    }
    return {"Records": [record]}
