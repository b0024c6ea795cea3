"""URLs by which S3 itself answers what a view shows, as the proxy gives them out."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests
from audit import AuditLog
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import FIRST, History
from readers import Reader
from registered import Bucket
from snapslice_local.rest import LocalStack


def ask(reader: Reader, view: str, *keys: str) -> requests.Response:
    """The operation, signed as any other."""
    query = urlencode([("x-snapslice-urls", ""), *(("key", key) for key in keys)], quote_via=quote)
    request = AWSRequest("GET", f"{reader.url}/{quote(view)}?{query}")
    S3SigV4Auth(Credentials(reader.key_id, reader.secret), "s3", "us-east-1").add_auth(request)
    prepared = request.prepare()
    return requests.get(prepared.url, headers=dict(prepared.headers), timeout=30)


def objects(reader: Reader, view: str, *keys: str) -> dict[str, Any]:
    answer = ask(reader, view, *keys)
    assert answer.status_code == 200, answer.text
    return {each["key"]: each for each in answer.json()["objects"]}


def codes(told: dict[str, Any]) -> dict[str, str]:
    return {key: each["error"]["code"] for key, each in told.items() if "error" in each}


def body(stack: LocalStack, told: dict[str, Any]) -> bytes:
    assert told["url"].startswith(stack.aws)
    answer = requests.get(told["url"], headers=told["headers"], timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_gives_out_urls_of_the_exact_versions(stack: LocalStack, history: History) -> None:
    reader = Reader.of(stack)
    keys = [key for key in FIRST if not key.endswith("/")]

    for spec in (history.first.spec, "label-before"):
        told = objects(reader, f"{history.name}.{spec}", *keys)
        assert {key: body(stack, each) for key, each in told.items()} == {
            key: FIRST[key] for key in keys
        }
        assert all(each["size"] == len(FIRST[key]) for key, each in told.items())
        assert all(each["expiresInSeconds"] <= 300 for each in told.values())
    sliced = f"{history.name}.{history.first.spec}-{history.second.spec}"
    told = objects(reader, sliced, "data/a.txt", "data/file")
    assert body(stack, told["data/a.txt"]) == b"one and more"
    assert codes(told) == {"data/file": "NoSuchKey"}
    of_object = ask(reader, f"{history.name}.{history.first.spec}/data/a.txt")
    assert of_object.json()["view"] == history.first.spec
    assert [each["key"] for each in of_object.json()["objects"]] == ["data/a.txt"]


def test_gives_out_no_url_of_what_may_not_be_read(stack: LocalStack, history: History) -> None:
    view = f"{history.name}.{history.first.spec}"
    mine = Reader.of(stack, buckets=[history.name], prefix="data/sub/")

    told = objects(mine, view, "data/sub/b.txt", "data/a.txt", "data/sub/none")

    assert codes(told) == {"data/a.txt": "AccessDenied", "data/sub/none": "NoSuchKey"}
    assert body(stack, told["data/sub/b.txt"]) == FIRST["data/sub/b.txt"]
    elsewhere = Reader.of(stack, buckets=["another"])
    forged = Reader(mine.url, mine.key_id, "wrong")
    for refused in (elsewhere, forged):
        assert ask(refused, view, "data/a.txt").status_code == 403
    assert ask(mine, view).status_code == 400


@pytest.fixture(scope="module")
def odd(stack: LocalStack) -> tuple[Bucket, str]:
    """A bucket with a null version and one that was removed, and a view of both."""
    bucket = Bucket.new(stack)
    versioning: Any = bucket.s3.put_bucket_versioning
    versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})
    bucket.s3.put_object(Bucket=bucket.name, Key="null", Body=b"first")
    versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    gone = bucket.s3.put_object(Bucket=bucket.name, Key="gone", Body=b"gone")["VersionId"]
    bucket.enable()
    moment = bucket.recorded.moment()
    bucket.s3.delete_object(Bucket=bucket.name, Key="gone", VersionId=gone)
    bucket.indexed(bucket.recorded.moment())
    return bucket, f"{bucket.name}.{moment.spec}"


def test_a_url_of_a_null_version_reads_the_bytes_that_it_had_or_none(
    stack: LocalStack, odd: tuple[Bucket, str]
) -> None:
    bucket, view = odd

    told = objects(Reader.of(stack), view, "null", "gone")

    assert codes(told) == {"gone": "ObjectVersionPurged"}
    assert body(stack, told["null"]) == b"first"
    assert told["null"]["headers"].keys() == {"if-match"}
    versioning: Any = bucket.s3.put_bucket_versioning
    versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})
    bucket.s3.put_object(Bucket=bucket.name, Key="null", Body=b"second")
    null = told["null"]
    assert requests.get(null["url"], headers=null["headers"], timeout=30).status_code == 412


def test_the_audit_says_that_urls_were_given_out(stack: LocalStack, history: History) -> None:
    log = AuditLog.of(stack)
    reader = Reader.of(stack)

    ask(reader, f"{history.name}.{history.first.spec}", "data/a.txt")

    [line] = [each for each in log.lines() if f"by={reader.key_id}" in each]
    assert "operation=PresignObjects" in line and f"view={history.first.spec}" in line
