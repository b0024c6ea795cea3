"""Which notifications of a bucket go together."""

import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def s3(s3_server: str) -> "S3Client":
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("s3", endpoint_url=s3_server)


def ask(s3: "S3Client", *wanted: tuple[str, str, str]) -> None:
    """Ask a new bucket to tell of an event, a prefix and a suffix each."""
    bucket = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    configurations: Any = []
    for number, (event, prefix, suffix) in enumerate(wanted):
        named = (("prefix", prefix), ("suffix", suffix))
        rules = [{"Name": name, "Value": value} for name, value in named if value]
        arn = f"arn:aws:sqs:us-east-1:123456789012:q{number}"
        filtered = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
        configurations.append({"QueueArn": arn, "Events": [event], **filtered})
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": configurations}
    )


@pytest.mark.parametrize(
    "other",
    [
        ("s3:ObjectRemoved:*", "", ""),
        ("s3:ObjectCreated:*", "b/", ""),
        ("s3:ObjectCreated:Put", "a/", ".png"),
    ],
)
def test_takes_what_never_tells_of_the_same(s3: "S3Client", other: tuple[str, str, str]) -> None:
    ask(s3, ("s3:ObjectCreated:*", "a/", ".jpg"), other)


@pytest.mark.parametrize(
    "other",
    [
        ("s3:ObjectCreated:*", "", ""),
        ("s3:ObjectCreated:Put", "a/b/", ""),
        ("s3:ObjectCreated:*", "a", "g"),
    ],
)
def test_refuses_what_overlaps(s3: "S3Client", other: tuple[str, str, str]) -> None:
    with pytest.raises(ClientError, match=r"InvalidArgument.*overlap"):
        ask(s3, ("s3:ObjectCreated:*", "a/", ".jpg"), other)
