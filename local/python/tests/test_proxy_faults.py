"""What goes wrong around a read proxy: its store, DynamoDB, its clients, and its own end."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from conftest import keep_credentials
from fault_origin import Break, Fault, Origin, Refusal, origin
from readers import Hdfs, Reader
from registered import Bucket, eventually
from second_proxy import Proxy, second_proxy
from slow_download import SlowDownload
from snapslice_local.recorded_bucket import RecordedBucket
from snapslice_local.rest import Api, LocalStack
from snapslice_local.store import Store
from snapslice_local.welcome import token_of

MIB = 1024 * 1024
TIMEOUT_SECONDS = 2
LARGE_MIB = 24
BODY = bytes(range(256)) * (MIB // 256)
BROKEN = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
RETRIABLE = "org.apache.hadoop.ipc.RetriableException"
THROTTLED = Refusal(
    400,
    json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput was exceeded.",
        }
    ).encode(),
    "application/x-amz-json-1.0",
)


def refusal(status: int) -> Refusal:
    return Refusal(status, b"<Error><Code>InternalError</Code><Message>no</Message></Error>")


@dataclass(frozen=True)
class Faulty:
    """A proxy that reads a bucket and the index through servers that fail."""

    proxy: Proxy
    store: Origin
    dynamodb: Origin
    stack: LocalStack
    bucket: Bucket
    reader: Reader

    def path(self, key: str) -> str:
        return f"/{self.bucket.name}/{key}"

    def presigned(
        self,
        key: str,
        reader: Reader | None = None,
        bucket: str | None = None,
        operation: str = "get_object",
    ) -> str:
        by = reader or self.reader
        session = boto3.Session(by.key_id, by.secret, region_name="us-east-1")
        settings = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        return session.client(
            "s3", endpoint_url=self.proxy.url, config=settings
        ).generate_presigned_url(
            operation, Params={"Bucket": bucket or self.bucket.name, "Key": key}
        )

    def get(self, key: str) -> requests.Response:
        return requests.get(self.presigned(key), timeout=60)

    def head(self, key: str) -> requests.Response:
        return requests.head(self.presigned(key, operation="head_object"), timeout=60)

    @property
    def hdfs(self) -> Hdfs:
        return Hdfs(self.proxy.url, token_of(self.stack))


def says_nothing_of_itself(answer: requests.Response) -> bool:
    return not any(word in answer.text for word in ("Exception:", "\tat ", "software.amazon"))


@pytest.fixture(scope="module")
def faulty(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    folder = tmp_path_factory.mktemp("faulty")
    s3 = stack.session().client("s3", endpoint_url=stack.aws)
    name = f"f-{folder.stat().st_ino}-{int(time.time())}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key, times in (("small", 1), ("large", LARGE_MIB)):
        s3.put_object(Bucket=name, Key=key, Body=BODY * times)
    keep_credentials(stack, name, "test", "test")
    where = json.loads((stack.state / "stack.json").read_text(encoding="utf-8"))
    with ExitStack() as running:
        store = running.enter_context(origin(stack.aws))
        dynamodb = running.enter_context(origin(where["dynamodb"]))
        told = {
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
            "SNAPSLICE_PROXY_ORIGIN_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        }
        proxy = running.enter_context(second_proxy(stack, folder / "proxy.log", **told))
        api = Api(stack.token_api, stack.session(), token_of(stack))
        registration = Store(store.url, "us-east-1", f"snapslice/{name}", "", "s" * 32)
        api.post("/v1/buckets", {"name": name} | registration.registration)
        bucket = Bucket(RecordedBucket(s3, name), api)
        bucket.enable()
        yield Faulty(proxy, store, dynamodb, stack, bucket, Reader.of(stack))


@dataclass(frozen=True)
class Revoked:
    """A key that was revoked, when, and what a download that ran read in all."""

    reader: Reader
    at: float
    bytes_read: int


@pytest.fixture(scope="module")
def revoked(faulty: Faulty) -> Revoked:
    reader = Reader.of(faulty.stack)
    download = SlowDownload(faulty.presigned("large", reader))
    faulty.stack.api().call("DELETE", f"/v1/access-keys/{reader.key_id}")
    return Revoked(reader, time.monotonic(), download.rest())


@pytest.fixture(autouse=True)
def _all_is_well_again(faulty: Faulty) -> Iterator[None]:
    yield
    for key in ("small", "large"):
        faulty.store.heal(faulty.path(key))
    faulty.dynamodb.heal("/")


# First, so that the others are what its key's end is waited for with.
def test_a_running_download_outlives_its_key(revoked: Revoked) -> None:
    assert revoked.bytes_read == LARGE_MIB * MIB


BEFORE_THE_FIRST_BYTE: dict[str, Fault] = {
    "500": refusal(500),
    "503": refusal(503),
    "reset": Break("reset"),
    "end": Break("end"),
    "silence": Break("silence"),
}


@pytest.mark.parametrize("name", BEFORE_THE_FIRST_BYTE)
def test_tries_again_what_failed_before_the_first_byte(faulty: Faulty, name: str) -> None:
    fault = BEFORE_THE_FIRST_BYTE[name]
    times = 1 if name == "silence" else 2

    faulty.store.fail(faulty.path("small"), fault, times)
    assert (answer := faulty.get("small")).content == BODY, answer.text[:500]

    faulty.store.fail(faulty.path("small"), fault, times)
    assert faulty.hdfs.get(f"/{faulty.bucket.name}/small", "OPEN").content == BODY


@pytest.mark.parametrize("name", ["500", "503", "reset", "end"])
def test_asks_for_patience_while_the_store_fails(faulty: Faulty, name: str) -> None:
    fault = BEFORE_THE_FIRST_BYTE[name]
    path = faulty.path("small")
    faulty.store.fail(path, fault)

    before = faulty.store.asked[path]
    answer = faulty.get("small")
    tries = faulty.store.asked[path] - before
    assert answer.status_code == 503
    assert "<Code>SlowDown</Code>" in answer.text
    assert answer.headers["retry-after"] == "1"
    assert says_nothing_of_itself(answer)
    if isinstance(fault, Refusal):
        assert tries == 3

    head = faulty.head("small")
    assert (head.status_code, head.headers["retry-after"], head.content) == (503, "1", b"")

    opened = faulty.hdfs.get(f"/{faulty.bucket.name}/small", "OPEN")
    assert opened.status_code == 503
    assert opened.json()["RemoteException"]["javaClassName"] == RETRIABLE
    assert opened.headers["retry-after"] == "1"
    assert says_nothing_of_itself(opened)


def test_gives_up_a_store_that_is_silent(faulty: Faulty) -> None:
    faulty.store.fail(faulty.path("small"), Break("silence"))

    answer = requests.get(faulty.presigned("small"), timeout=20)

    assert (answer.status_code, "<Code>SlowDown</Code>" in answer.text) == (503, True)


@pytest.mark.parametrize("by", ["reset", "end", "silence"])
def test_a_body_that_breaks_off_never_looks_whole(
    faulty: Faulty, by: Literal["reset", "end", "silence"]
) -> None:
    faulty.store.fail(faulty.path("small"), Break(by, after=MIB // 2), times=2)

    with pytest.raises(BROKEN):
        faulty.get("small")
    with pytest.raises(BROKEN):
        faulty.hdfs.get(f"/{faulty.bucket.name}/small", "OPEN")

    assert (answer := faulty.get("small")).content == BODY, answer.text[:500]


@pytest.mark.parametrize("fault", [THROTTLED, Break("reset")], ids=["throttled", "reset"])
def test_tries_dynamodb_again(faulty: Faulty, fault: Fault) -> None:
    faulty.dynamodb.fail("/", fault, times=1)

    assert faulty.get("small").content == BODY

    assert faulty.dynamodb.fault("/") is None


def test_asks_for_patience_while_dynamodb_throttles(faulty: Faulty) -> None:
    faulty.head("small")
    moment = time.strftime("tm%Y%m%d%H%M%S", time.gmtime())
    unseen = f"{faulty.bucket.name}.{moment}"
    stranger = Reader.of(faulty.stack)
    faulty.dynamodb.fail("/", THROTTLED)

    for reader in (faulty.reader, stranger):
        # Sooner than the SDK's own eight tries, after which most clients have given up.
        answer = requests.get(faulty.presigned("small", reader, unseen), timeout=20)
        assert (answer.status_code, "<Code>SlowDown</Code>" in answer.text) == (503, True)
        assert answer.headers["retry-after"] == "1"
        assert says_nothing_of_itself(answer)
    refused = faulty.hdfs.get(f"/{unseen}/small", "GETFILESTATUS")
    assert refused.status_code == 503
    assert refused.json()["RemoteException"]["javaClassName"] == RETRIABLE

    faulty.dynamodb.heal("/")
    assert requests.get(faulty.presigned("small", stranger, unseen), timeout=60).content == BODY
    assert faulty.hdfs.json(f"/{unseen}/small", "GETFILESTATUS")["FileStatus"]["length"] == MIB


def test_lets_go_of_the_store_within_a_second_of_the_clients_end(faulty: Faulty) -> None:
    url = faulty.presigned("large")
    path = faulty.path("large")
    faulty.store.gone[path].clear()

    download = SlowDownload(url)
    assert download.answer.read(MIB) == BODY
    assert not faulty.store.gone[path].is_set()
    download.close()

    assert faulty.store.gone[path].wait(1)


def test_a_revoked_key_opens_nothing_after_a_minute(faulty: Faulty, revoked: Revoked) -> None:
    url = faulty.presigned("small", revoked.reader)

    eventually(
        lambda: requests.get(url, timeout=10).status_code == 403,
        lambda: revoked,
        seconds=60 - (time.monotonic() - revoked.at),
    )


# The last one: nothing answers after it.
def test_a_task_that_is_told_to_stop_finishes_what_it_has_begun(faulty: Faulty) -> None:
    where = urlsplit(faulty.proxy.url)
    never_used = socket.create_connection((where.hostname, where.port))
    kept = requests.Session()
    assert kept.get(faulty.presigned("small"), timeout=10).content == BODY
    downloads = [SlowDownload(faulty.presigned("large")) for _ in range(4)]
    opened = [SlowDownload(faulty.presigned("small")) for _ in range(8)]

    faulty.proxy.process.send_signal(signal.SIGTERM)
    with ThreadPoolExecutor(16) as clients:
        time.sleep(1)
        lengths = list(clients.map(SlowDownload.rest, downloads + opened))
        with pytest.raises(OSError):
            SlowDownload(faulty.presigned("small"))

    assert lengths == [LARGE_MIB * MIB] * 4 + [MIB] * 8
    assert faulty.proxy.process.wait(10) == 128 + signal.SIGTERM
    never_used.close()
