"""Buckets of the local S3 that are registered, for tests that write to them and look."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from snapslice_local.recorded_bucket import Moment, RecordedBucket
from snapslice_local.rest import Api, LocalStack
from snapslice_local.welcome import token_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Bucket:
    """A bucket of the local S3 that is registered, its record, and the API that tells of it."""

    recorded: RecordedBucket
    api: Api

    @staticmethod
    def new(stack: LocalStack, name: str | None = None) -> "Bucket":
        """A new bucket, versioned and registered, not enabled; its name is made up if not given."""
        s3 = stack.session().client("s3", endpoint_url=stack.aws)
        name = name or f"b-{uuid.uuid4().hex[:20]}"
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        api = Api(stack.token_api, stack.session(), token_of(stack))
        api.post("/v1/buckets", {"name": name})
        return Bucket(RecordedBucket(s3, name), api)

    @property
    def s3(self) -> "S3Client":
        return self.recorded.s3

    @property
    def name(self) -> str:
        return self.recorded.name

    def get(self, rest: str = "", **query: Any) -> Any:
        return self.api.get(f"/v1/buckets/{self.name}{rest}", **query)

    def post(self, rest: str, body: Any = None) -> Any:
        return self.api.post(f"/v1/buckets/{self.name}{rest}", body)

    def pages(self, rest: str, field: str, **query: Any) -> list[Any]:
        return self.api.pages(f"/v1/buckets/{self.name}{rest}", field, **query)

    def enable(self) -> None:
        self.post("/enable")
        eventually(lambda: self.get()["status"] == "ACTIVE", lambda: self.get())

    def indexed(self, moment: Moment) -> None:
        """Wait until the index is believed complete up to the moment."""
        eventually(
            lambda: datetime.fromisoformat(self.get()["indexedThrough"]) >= moment.at,
            lambda: self.get(),
        )

    def versions(self, view: str, **query: str) -> dict[str, str]:
        """Version ids by key of a snapshot or slice."""
        kind = "slices" if "-tm" in view else "snapshots"
        entries = self.pages(f"/{kind}/{view}/objects", "objects", **query)
        return {entry["key"]: entry["versionId"] for entry in entries}


def eventually(done: Callable[[], bool], state: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until ``done``; fails with the ``state`` when it takes too long."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            pytest.fail(f"still not after {seconds} s: {state()}")
        time.sleep(0.5)
