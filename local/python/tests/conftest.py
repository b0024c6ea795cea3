"""Servers that the tests talk to: each on a free port, each stopped at the end."""

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from ports import free_port, wait_for
from registered import Bucket
from snapslice_local.recorded_bucket import Moment
from snapslice_local.rest import LocalStack
from snapslice_local.store import Store
from stacks import started

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# These run where MLflow is installed, in an environment of its own.
collect_ignore = [] if importlib.util.find_spec("mlflow") else ["tracking"]

PYTHON = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of moto with faithful events."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "snapslice_local.aws_server", "-p", str(port)],
        env={**os.environ, "PYTHONPATH": str(PYTHON)},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://localhost:{port}/moto-api/")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Everything, as ``./snapslice up`` starts it, on ports and in a folder of its own.

    ``SNAPSLICE_STACK`` names the ``stack.json`` of one that runs already and may be written to.
    """
    if running := os.environ.get("SNAPSLICE_STACK"):
        yield LocalStack.running(Path(running))
        return
    with started(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


# What is in a bucket that is read as a file system, at first.
FIRST = {
    "data/a.txt": b"one",
    "data/sub/b.txt": b"b" * 1000,
    "data/sub/deep/c.txt": b"c",
    "data/empty": b"",
    "data/file": b"a file with a key below it",
    "data/file-2": b"2",
    "data/file/hidden.txt": b"h",
    "data/marked/": b"",
    "data/zero": b"",
    "data/zero/d.txt": b"d",
    "data/sp ace+100%é.txt": b"odd",
    "other/x": b"x",
}


@dataclass(frozen=True)
class History:
    """A bucket and two moments of it."""

    bucket: Bucket
    first: Moment
    second: Moment

    @property
    def name(self) -> str:
        return self.bucket.name


@pytest.fixture(scope="session")
def history(stack: LocalStack) -> History:
    bucket = Bucket.new(stack)
    bucket.enable()
    for key, body in FIRST.items():
        metadata = {"camera": "left"} if key == "data/a.txt" else {}
        bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=body, Metadata=metadata)
    first = bucket.recorded.moment()
    bucket.s3.put_object(Bucket=bucket.name, Key="data/a.txt", Body=b"one and more")
    bucket.s3.put_object(Bucket=bucket.name, Key="data/new.txt", Body=b"new")
    bucket.s3.delete_object(Bucket=bucket.name, Key="data/sub/b.txt")
    second = bucket.recorded.moment()
    bucket.indexed(second)
    bucket.post("/labels", {"name": "before", "spec": first.spec})
    return History(bucket, first, second)


@pytest.fixture
def names_below_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names below ``localhost`` are this machine, which not every resolver knows."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **more: Any) -> Any:
        below = isinstance(host, str) and host.endswith(".localhost")
        return resolve("127.0.0.1" if below else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def bucket(stack: LocalStack) -> Bucket:
    """A new bucket, versioned and registered, not enabled."""
    return Bucket.new(stack)


def tool(variable: str) -> str:
    """The program that an environment variable names.

    Without one the test is skipped; CI takes that for a failure.
    """
    program = os.environ.get(variable)
    if program:
        return program
    reason = f"{variable} names no program (./snapslice test builds it, where Go is installed)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Minio:
    """A MinIO server whose events go to a webhook."""

    url: str
    access_key: str
    secret_key: str

    def s3(self) -> "S3Client":
        session = boto3.Session(self.access_key, self.secret_key, region_name="us-east-1")
        return session.client("s3", endpoint_url=self.url)


@contextmanager
def minio(port: int, webhook: str, secret: str, data: Path) -> Iterator[Minio]:
    """Run a MinIO that posts its events to ``webhook``, with ``secret`` as its bearer token.

    The binary is that of ``SNAPSLICE_MINIO``.
    """
    binary = tool("SNAPSLICE_MINIO")
    server = Minio(f"http://127.0.0.1:{port}", "minio", "minio-secret")
    process = subprocess.Popen(
        [binary, "server", str(data), "--quiet", "--address", f"127.0.0.1:{port}"],
        env={
            **os.environ,
            "MINIO_ROOT_USER": server.access_key,
            "MINIO_ROOT_PASSWORD": server.secret_key,
            "MINIO_REGION": "us-east-1",
            "MINIO_BROWSER": "off",
            "MINIO_NOTIFY_WEBHOOK_ENABLE_snapslice": "on",
            "MINIO_NOTIFY_WEBHOOK_ENDPOINT_snapslice": webhook,
            "MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_snapslice": secret,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"{server.url}/minio/health/ready")
        yield server
    finally:
        process.terminate()
        process.wait()


@contextmanager
def other_store(stack: LocalStack, data: Path) -> Iterator[tuple[Minio, Store, str]]:
    """Run a MinIO that tells the stack of a bucket, which is to be made and registered.

    Yields the server, how it is registered, and the bucket's name.
    """
    name = f"m-{secrets.token_hex(6)}"
    secret = secrets.token_urlsafe(24)
    with minio(free_port(), f"{stack.token_api}/v1/buckets/{name}/events", secret, data) as server:
        keep_credentials(stack, name, server.access_key, server.secret_key)
        arn = "arn:minio:sqs:us-east-1:snapslice:webhook"
        yield server, Store(server.url, "us-east-1", f"snapslice/{name}", arn, secret), name


def keep_credentials(stack: LocalStack, name: str, access_key: str, secret_key: str) -> None:
    kept = stack.session().client("secretsmanager", endpoint_url=stack.aws)
    credentials = {"accessKeyId": access_key, "secretAccessKey": secret_key}
    kept.create_secret(Name=f"snapslice/{name}", SecretString=json.dumps(credentials))
