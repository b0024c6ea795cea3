"""A bucket that is written through boto3, and what S3 answered: what views are compared with."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Nothing is written so long before and after a moment: S3 tells its own time in whole seconds.
QUIET_SECONDS = 1.2
PART_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Written:
    """A version, or a delete marker without a body, and what else it was written with."""

    version_id: str
    body: bytes | None
    removed: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """A time by S3's own clock, what was in the bucket, and what had been written until then."""

    at: datetime
    objects: dict[str, Written]
    created: int
    deleted: int

    @property
    def spec(self) -> str:
        return self.at.strftime("tm%Y%m%d%H%M%S")

    @property
    def versions(self) -> dict[str, str]:
        return {key: written.version_id for key, written in self.objects.items()}

    @property
    def size(self) -> int:
        return sum(len(written.body or b"") for written in self.objects.values())


def slice_of(first: Moment, last: Moment) -> dict[str, str]:
    """What a reader of ``first`` has to read to know ``last``: versions by key."""
    return {
        key: version for key, version in last.versions.items() if first.versions.get(key) != version
    }


def diff_of(first: Moment, last: Moment) -> dict[str, str]:
    """What happened to each key that differs."""
    kinds = {key: "modified" if key in first.versions else "added" for key in slice_of(first, last)}
    return kinds | dict.fromkeys(first.versions.keys() - last.versions.keys(), "deleted")


class RecordedBucket:
    """A bucket and its history, by key, oldest version first; versioned if it is to have one."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self.s3 = s3
        self.name = name
        self.history: defaultdict[str, list[Written]] = defaultdict(list)

    def put(self, key: str, body: bytes, **more: Any) -> None:
        """Write an object; ``more`` is what else boto3's ``put_object`` takes."""
        answer = self.s3.put_object(Bucket=self.name, Key=key, Body=body, **more)
        self._written(key, answer, body, more)

    def put_in_parts(self, key: str, last_part: bytes, **more: Any) -> None:
        """A multipart upload of the smallest first part that S3 takes, and another."""
        upload = self.s3.create_multipart_upload(Bucket=self.name, Key=key, **more)["UploadId"]
        bodies = [b"-" * PART_BYTES, last_part]
        parts = [
            self.s3.upload_part(
                Bucket=self.name, Key=key, UploadId=upload, PartNumber=number, Body=body
            )["ETag"]
            for number, body in enumerate(bodies, 1)
        ]
        answer = self.s3.complete_multipart_upload(
            Bucket=self.name,
            Key=key,
            UploadId=upload,
            MultipartUpload={
                "Parts": [{"ETag": tag, "PartNumber": n} for n, tag in enumerate(parts, 1)]
            },
        )
        self._written(key, answer, b"".join(bodies), more)

    def _written(self, key: str, answer: Any, body: bytes, more: Mapping[str, Any]) -> None:
        version_id = answer.get("VersionId", "null")
        self.history[key].append(Written(version_id, body, more=more))

    def copy(self, key: str, written: Written) -> None:
        """Write again what was written elsewhere, in the same parts."""
        body = written.body or b""
        if len(body) > PART_BYTES:
            self.put_in_parts(key, body[PART_BYTES:], **written.more)
        else:
            self.put(key, body, **written.more)

    def delete(self, key: str) -> None:
        answer = self.s3.delete_object(Bucket=self.name, Key=key)
        self.history[key].append(Written(answer["VersionId"], None))

    def remove(self, key: str, written: Written) -> None:
        """Delete one version for good."""
        self.s3.delete_object(Bucket=self.name, Key=key, VersionId=written.version_id)
        versions = self.history[key]
        versions[versions.index(written)] = replace(written, removed=True)

    def objects(self) -> dict[str, Written]:
        """What is there now."""
        current = {}
        for key, versions in self.history.items():
            left = [written for written in versions if not written.removed]
            if left and left[-1].body is not None:
                current[key] = left[-1]
        return current

    def moment(self) -> Moment:
        """Now, with a quiet time around it."""
        time.sleep(QUIET_SECONDS)
        answer = self.s3.head_bucket(Bucket=self.name)
        date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        time.sleep(QUIET_SECONDS)
        all_written = [written for versions in self.history.values() for written in versions]
        markers = sum(1 for written in all_written if written.body is None)
        at = parsedate_to_datetime(date)
        return Moment(at, self.objects(), len(all_written) - markers, markers)

    def bodies(self) -> dict[str, bytes]:
        """What S3 itself has now, by key."""
        keys = [
            entry["Key"]
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
            for entry in page.get("Contents", [])
        ]
        return {key: self.s3.get_object(Bucket=self.name, Key=key)["Body"].read() for key in keys}
