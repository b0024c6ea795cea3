"""Readers of the proxy, by S3 and by WebHDFS."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from snapslice_local.rest import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NOT_FOUND = "java.io.FileNotFoundException"


@dataclass(frozen=True)
class Reader:
    """An access key of the proxy, and where that is."""

    url: str
    key_id: str
    secret: str

    @staticmethod
    def of(stack: LocalStack, **grant: object) -> "Reader":
        issued = stack.api().post(
            "/v1/access-keys", {"principal": "reader", "role": "reader", **grant}
        )
        return Reader(stack.proxy, issued["accessKeyId"], issued["secretAccessKey"])

    def s3(self, url: str | None = None, style: Literal["path", "virtual"] = "path") -> "S3Client":
        session = boto3.Session(self.key_id, self.secret, region_name="us-east-1")
        settings = Config(s3={"addressing_style": style}, retries={"total_max_attempts": 1})
        return session.client("s3", endpoint_url=url or self.url, config=settings)

    @property
    def environment(self) -> dict[str, str]:
        """What programs of AWS and those that follow them read."""
        return {
            **os.environ,
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
        }

    def aws(self, *arguments: str) -> str:
        """What the AWS CLI answers."""
        environment = self.environment | {"AWS_ENDPOINT_URL": self.url}
        command = [str(Path(sys.executable).parent / "aws"), *arguments]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout


def listed(s3: "S3Client", bucket: str) -> dict[str, int]:
    """Sizes by key, over all pages."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 3}
    )
    return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@dataclass(frozen=True)
class Hdfs:
    """WebHDFS of the local stack, with an API token."""

    url: str
    token: str

    def get(self, path: str, op: str, **more: Any) -> requests.Response:
        return self.call("GET", path, op, **more)

    def call(self, method: str, path: str, op: str, **more: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/webhdfs/v1{quote(path)}",
            params={"op": op, **more},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )

    def json(self, path: str, op: str, **more: Any) -> Any:
        response = self.get(path, op, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def names(self, path: str) -> list[tuple[str, str, int]]:
        statuses = self.json(path, "LISTSTATUS")["FileStatuses"]["FileStatus"]
        return [(each["pathSuffix"], each["type"], each["length"]) for each in statuses]

    def error(self, path: str, op: str, method: str = "GET", **more: Any) -> tuple[int, str]:
        response = self.call(method, path, op, **more)
        return response.status_code, response.json()["RemoteException"]["javaClassName"]
