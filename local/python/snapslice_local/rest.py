"""A small client of Snapslice's REST API, and where its stack runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

ROOT = Path(__file__).parents[3]
STACK = ROOT / ".snapslice" / "stack" / "stack.json"


class ApiError(Exception):
    """The API refused; carries the problem's title and detail."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"{status}: {problem}")
        self.status = status


@dataclass(frozen=True)
class Api:
    """The API at ``url``, by a token, or else signed with the session's AWS credentials."""

    url: str
    session: boto3.Session
    token: str | None = None

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON, ``None`` where there is none.

        Raises
        ------
        ApiError
            for every status from 400 up.
        """
        text = "?" + urlencode(query, quote_via=quote) if query else ""
        payload = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = AWSRequest(method, self.url.rstrip("/") + path + text, headers, payload)
        if self.token:
            request.headers["authorization"] = f"Bearer {self.token}"
        else:
            credentials = self.session.get_credentials()
            if credentials is None:
                raise ApiError(401, "there are no AWS credentials to sign with")
            region = self.session.region_name or "us-east-1"
            SigV4Auth(credentials, "execute-api", region).add_auth(request)
        prepared = request.prepare()
        response = requests.request(
            method, prepared.url, headers=dict(prepared.headers), data=payload, timeout=60
        )
        if response.status_code >= 400:
            raise ApiError(response.status_code, response.text)
        return response.json() if response.content else None

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, **query)

    def pages(self, path: str, field: str, **query: Any) -> list[Any]:
        """The entries of all pages of a list."""
        entries: list[Any] = []
        while True:
            page = self.get(path, **query)
            entries += page[field]
            if "next" not in page:
                return entries
            query["page"] = page["next"]

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self.call("POST", path, body, **query)


@dataclass(frozen=True)
class LocalStack:
    """The stack that ``./snapslice up`` started; it keeps its files in ``state``."""

    state: Path
    aws: str
    region: str
    token_api: str
    signed_api: str
    proxy: str
    mlflow: str
    signed_mlflow: str
    outputs: dict[str, str]

    @staticmethod
    def running(file: Path = STACK) -> "LocalStack":
        if not file.exists():
            raise SystemExit("nothing runs here: start it with ./snapslice up")
        stack = json.loads(file.read_text(encoding="utf-8"))
        return LocalStack(
            file.parent,
            stack["aws"],
            stack["region"],
            stack["apis"]["tokens"],
            stack["apis"]["signed"],
            stack["proxy"],
            stack["apis"]["mlflow-tokens"],
            stack["apis"]["mlflow-signed"],
            stack["outputs"],
        )

    def session(self) -> boto3.Session:
        return boto3.Session("test", "test", region_name=self.region)

    def api(self) -> Api:
        return Api(self.signed_api, self.session())
