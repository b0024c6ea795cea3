"""The local S3 tells of changes as S3 does."""

import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True)
class Watched:
    """A bucket whose events arrive in a queue."""

    s3: "S3Client"
    sqs: "SQSClient"
    bucket: str
    queue_url: str

    def events(self) -> list[dict[str, Any]]:
        """Everything that was sent since the last call, as bodies."""
        bodies = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(
                    QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return bodies

    def records(self) -> list[dict[str, Any]]:
        return [record for body in self.events() for record in body["Records"]]


@pytest.fixture
def watched(s3_server: str) -> Watched:
    session = boto3.Session("test", "test", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=s3_server)
    sqs = session.client("sqs", endpoint_url=s3_server)
    name = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "Id": "all",
                    "QueueArn": f"arn:aws:sqs:us-east-1:123456789012:{name}",
                    "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                }
            ]
        },
    )
    watched = Watched(s3, sqs, name, url)
    assert [event["Event"] for event in watched.events()] == ["s3:TestEvent"]
    return watched


def test_a_put_is_told_with_version_sequencer_and_utc_milliseconds(watched: Watched) -> None:
    put = watched.s3.put_object(Bucket=watched.bucket, Key="a b+c/ü", Body=b"12345")

    [record] = watched.records()

    assert record["eventName"] == "ObjectCreated:Put"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["eventTime"])
    assert record["s3"]["configurationId"] == "all"
    told = record["s3"]["object"]
    assert told["key"] == "a+b%2Bc/%C3%BC"
    assert told["versionId"] == put["VersionId"]
    assert told["size"] == 5
    assert told["eTag"] == put["ETag"].strip('"')
    assert re.fullmatch("00[0-9A-F]{16}", told["sequencer"])


def test_later_changes_of_a_key_have_larger_sequencers(watched: Watched) -> None:
    for body in (b"1", b"2", b"3"):
        watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=body)
    watched.s3.delete_object(Bucket=watched.bucket, Key="k")

    sequencers = [record["s3"]["object"]["sequencer"] for record in watched.records()]

    assert sequencers == sorted(set(sequencers))


def test_a_delete_marker_is_told_also_for_a_key_that_never_was(watched: Watched) -> None:
    deleted = watched.s3.delete_object(Bucket=watched.bucket, Key="never")

    [record] = watched.records()

    assert record["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert record["s3"]["object"]["versionId"] == deleted["VersionId"]
    assert "size" not in record["s3"]["object"]


def test_removing_a_version_names_it_whichever_it_was(watched: Watched) -> None:
    old = watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=b"1")["VersionId"]
    watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=b"2")
    marker = watched.s3.delete_object(Bucket=watched.bucket, Key="k")["VersionId"]
    watched.events()

    for version in (old, marker):
        watched.s3.delete_object(Bucket=watched.bucket, Key="k", VersionId=version)
    watched.s3.delete_object(Bucket=watched.bucket, Key="k", VersionId=str(uuid.uuid4()))
    records = watched.records()

    assert [record["eventName"] for record in records] == ["ObjectRemoved:Delete"] * 2
    assert [record["s3"]["object"]["versionId"] for record in records] == [old, marker]
    assert watched.s3.get_object(Bucket=watched.bucket, Key="k")["Body"].read() == b"2"


def test_deleting_many_tells_of_each(watched: Watched) -> None:
    for key in ("a", "b"):
        watched.s3.put_object(Bucket=watched.bucket, Key=key, Body=b"1")
    watched.events()

    watched.s3.delete_objects(
        Bucket=watched.bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]}
    )

    assert [record["s3"]["object"]["key"] for record in watched.records()] == ["a", "b"]


def test_a_multipart_upload_is_one_event(watched: Watched) -> None:
    where: Any = {"Bucket": watched.bucket, "Key": "large"}
    upload = watched.s3.create_multipart_upload(**where)["UploadId"]
    part = watched.s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x" * 100)
    watched.s3.complete_multipart_upload(
        **where,
        UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]},
    )

    [record] = watched.records()

    assert record["eventName"] == "ObjectCreated:CompleteMultipartUpload"
    assert record["s3"]["object"]["eTag"].endswith("-1")


def test_a_copy_is_told_as_a_copy(watched: Watched) -> None:
    watched.s3.put_object(Bucket=watched.bucket, Key="from", Body=b"1")
    watched.s3.copy_object(
        Bucket=watched.bucket, Key="to", CopySource={"Bucket": watched.bucket, "Key": "from"}
    )

    names = [record["eventName"] for record in watched.records()]

    assert names == ["ObjectCreated:Put", "ObjectCreated:Copy"]


def test_suspended_versioning_writes_null_versions_and_keeps_the_others(watched: Watched) -> None:
    kept = watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=b"1")["VersionId"]
    watched.s3.put_bucket_versioning(
        Bucket=watched.bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    watched.events()

    watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=b"2")
    watched.s3.put_object(Bucket=watched.bucket, Key="k", Body=b"3")
    watched.s3.delete_object(Bucket=watched.bucket, Key="k")
    names = [record["eventName"].split(":")[1] for record in watched.records()]

    assert names == ["Put", "Put", "DeleteMarkerCreated"]
    listed = watched.s3.list_object_versions(Bucket=watched.bucket)
    assert [version["VersionId"] for version in listed["Versions"]] == [kept]
    assert [marker["VersionId"] for marker in listed["DeleteMarkers"]] == ["null"]


def test_event_bridge_gets_its_own_form(watched: Watched, s3_server: str) -> None:
    events = boto3.client(
        "events",
        endpoint_url=s3_server,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    events.put_rule(
        Name=watched.bucket,
        EventPattern=json.dumps(
            {"source": ["aws.s3"], "detail": {"bucket": {"name": [watched.bucket]}}}
        ),
    )
    arn = f"arn:aws:sqs:us-east-1:123456789012:{watched.bucket}"
    events.put_targets(Rule=watched.bucket, Targets=[{"Id": "q", "Arn": arn}])
    watched.s3.put_bucket_notification_configuration(
        Bucket=watched.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )

    watched.s3.put_object(Bucket=watched.bucket, Key="a b", Body=b"1")
    watched.s3.delete_object(Bucket=watched.bucket, Key="a b")
    created, deleted = watched.events()

    assert created["detail-type"] == "Object Created"
    assert created["detail"]["object"]["key"] == "a b"
    assert created["detail"]["reason"] == "PutObject"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["time"])
    assert deleted["detail-type"] == "Object Deleted"
    assert deleted["detail"]["deletion-type"] == "Delete Marker Created"


def test_a_version_list_begins_after_the_key_marker(watched: Watched) -> None:
    for key in ("a", "b", "b", "c"):
        watched.s3.put_object(Bucket=watched.bucket, Key=key, Body=b"1")

    keys = [
        [
            version["Key"]
            for version in watched.s3.list_object_versions(
                Bucket=watched.bucket, KeyMarker=marker
            )["Versions"]
        ]
        for marker in ("A", "a", "aa", "b")
    ]

    assert keys == [["a", "b", "b", "c"], ["b", "b", "c"], ["b", "b", "c"], ["c"]]


def test_the_event_bridge_switch_is_shown(watched: Watched) -> None:
    watched.s3.put_bucket_notification_configuration(
        Bucket=watched.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )

    shown = watched.s3.get_bucket_notification_configuration(Bucket=watched.bucket)

    assert "EventBridgeConfiguration" in shown
