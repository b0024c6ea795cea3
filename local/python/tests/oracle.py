"""Questions to S3 servers, their answers, and the list of what may differ between two answers."""

import http.client
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# Headers that differ without one of the servers being wrong.
HEADERS_NOT_COMPARED = {
    # The connection and the server.
    "connection",
    "keep-alive",
    "transfer-encoding",
    "date",
    "server",
    # One request.
    "x-amz-request-id",
    "x-amz-id-2",
    # The plain bucket was filled later, and has no versions.
    "last-modified",
    "x-amz-version-id",
    # What only the proxy tells.
    "x-snapslice-as-of",
    "x-snapslice-indexed-through",
    "x-snapslice-amendments",
    # moto and MinIO repeat the region on every answer, S3 only where a bucket is asked for.
    "x-amz-bucket-region",
    # Of MinIO's own: security headers, its host's id, rate limits, and what caches may do.
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-xss-protection",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    # moto's, for browsers.
    "access-control-allow-origin",
    # moto always tells how often a request was tried.
    "x-amzn-requestid",
}

# All that a 304 is compared by: moto sends all of the object's headers, S3 what a cache needs.
HEADERS_OF_UNCHANGED = {"etag", "cache-control", "expires"}

CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")

# Elements that differ without one of the servers being wrong.
ELEMENTS_NOT_COMPARED = {
    # Times and owners of another bucket.
    "LastModified",
    "Owner",
    # Tokens mean something to the server alone; walks through all pages compare what they lead to.
    "ContinuationToken",
    "NextContinuationToken",
    "NextMarker",
    # The index keeps no checksums: lists leave them out.
    "ChecksumAlgorithm",
    "ChecksumType",
    # One request.
    "RequestId",
    "HostId",
    # Words for people, and where they point: each server has its own.
    "Message",
    "Resource",
    "Region",
    # MinIO writes the range in its own way.
    "RangeRequested",
}


@dataclass(frozen=True)
class Question:
    """A read of a bucket, or of one of its keys.

    ``ages`` are headers that hold a time: so many seconds after the object's own, which is another
    one on each server.
    """

    method: str
    key: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)

    def judged(self, etag: str) -> "Question":
        """The same with the one condition that decides it, as S3 documents how they combine."""
        match, none_match = self._names("If-Match", etag), self._names("If-None-Match", etag)
        unmodified, modified = (
            self.ages.get("If-Unmodified-Since"),
            self.ages.get("If-Modified-Since"),
        )
        plain = self.without(*CONDITIONS)
        if match is False:
            return replace(plain, headers=plain.headers | {"If-Match": '"other"'})
        if match is None and unmodified is not None and unmodified < 0:
            return replace(plain, ages={"If-Unmodified-Since": unmodified})
        if none_match or (none_match is None and modified is not None and modified >= 0):
            return replace(plain, headers=plain.headers | {"If-None-Match": etag})
        return plain

    def _names(self, header: str, etag: str) -> bool | None:
        """Whether a header names the object; nothing where it is not there."""
        text = self.headers.get(header)
        return None if text is None else text.strip('"') == etag.strip('"')

    @property
    def conditions(self) -> int:
        return sum(name in self.headers or name in self.ages for name in CONDITIONS)

    def asking(self, **query: str) -> "Question":
        """The same with other parameters, underscores for dashes."""
        more = {name.replace("_", "-"): text for name, text in query.items()}
        return replace(self, query=self.query | more)

    def without(self, *headers: str) -> "Question":
        return replace(
            self,
            headers={name: text for name, text in self.headers.items() if name not in headers},
            ages={name: age for name, age in self.ages.items() if name not in headers},
        )


@dataclass(frozen=True)
class Answer:
    """What came back, byte for byte."""

    bucket: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> ElementTree.Element | None:
        """The body's XML, where it is an error or a list."""
        if not self.body.startswith(b"<?xml"):
            return None
        return ElementTree.fromstring(self.body.decode("utf-8"))

    def text(self, name: str) -> str | None:
        """The first element of that name, however deep."""
        for element in [] if self.document is None else self.document.iter():
            if _bare(element) == name:
                return element.text or ""
        return None

    def texts(self, name: str) -> list[str]:
        found = [] if self.document is None else self.document.iter()
        return [element.text or "" for element in found if _bare(element) == name]

    def compared(self) -> dict[str, Any]:
        """All of it that has to be equal."""
        headers = {
            name: text
            for name, text in self.headers.items()
            if name not in HEADERS_NOT_COMPARED
            and (self.status != 304 or name in HEADERS_OF_UNCHANGED)
        }
        document = self.document
        if document is None and self.status >= 400:
            # The answer to a HEAD: nothing but its status tells what is wrong.
            return {"status": self.status}
        if document is None:
            return {"status": self.status, **headers, "body": self.body}
        # A document's length follows names and times; its fields are what is compared.
        headers.pop("content-length", None)
        # MinIO says this of every answer, S3 of objects.
        headers.pop("accept-ranges", None)
        return {"status": self.status, **headers, **_fields(document, self.bucket)}


def _bare(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _fields(element: ElementTree.Element, bucket: str) -> dict[str, Any]:
    """Fields by name, each with its values in order; an empty one says what a missing one does."""
    fields: dict[str, Any] = {}
    for child in element:
        name = _bare(child)
        if name not in ELEMENTS_NOT_COMPARED and (len(child) or child.text):
            # MinIO writes the state of its cache behind the markers of its pages.
            own = re.sub(r"(\[|%5B)minio_cache.*", "", child.text or "")
            text = "the bucket" if own == bucket else own
            value = _fields(child, bucket) if len(child) else text
            fields.setdefault(name, []).append(value)
    return fields


class Server:
    """A bucket on an S3 server, asked over one connection, with every byte as it is meant."""

    def __init__(self, url: str, key_id: str, secret: str, bucket: str) -> None:
        self.url = url
        self.bucket = bucket
        self._signer = S3SigV4Auth(Credentials(key_id, secret), "s3", "us-east-1")
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._modified: dict[str, datetime] = {}

    def ask(self, question: Question) -> Answer:
        headers = dict(question.headers)
        for name, seconds in question.ages.items():
            at = self._modified[question.key] + timedelta(seconds=seconds)
            headers[name] = format_datetime(at, usegmt=True)
        path = f"/{self.bucket}" + (f"/{quote(question.key)}" if question.key else "")
        query = "&".join(
            f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in question.query.items()
        )
        target = f"{path}?{query}" if query else path
        signed = AWSRequest(question.method, self.url + target, headers)
        self._signer.add_auth(signed)
        self._connection.putrequest(question.method, target, skip_accept_encoding=True)
        for name, value in signed.headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        response = self._connection.getresponse()
        body = response.read()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(self.bucket, response.status, told, body)

    def walk(self, question: Question, most: int = 60) -> list[Answer]:
        """All pages of a list; the first ``most`` of them."""
        pages = [self.ask(question)]
        while pages[-1].text("IsTruncated") == "true" and len(pages) < most:
            # moto repeats where the first page began on that page alone.
            query = {name: text for name, text in question.query.items() if name != "start-after"}
            query |= self._next(question, pages[-1])
            pages.append(self.ask(replace(question, query=query)))
        return pages

    def _next(self, question: Question, page: Answer) -> dict[str, str]:
        token = page.text("NextContinuationToken")
        if token is not None:
            return {"continuation-token": token}
        marker = page.text("NextMarker") or page.texts("Key")[-1]
        return {"marker": unquote_plus(marker) if "encoding-type" in question.query else marker}

    def look(self, keys: Iterable[str]) -> dict[str, str]:
        """Read every object's own time, for questions that name times; answers with their ETags."""
        heads = {key: self.ask(Question("HEAD", key)).headers for key in keys}
        for key, headers in heads.items():
            self._modified[key] = parsedate_to_datetime(headers["last-modified"])
        return {key: headers["etag"] for key, headers in heads.items()}
