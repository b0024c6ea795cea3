"""A snapshot read through the proxy answers as a plain bucket that holds what was there then.

The plain bucket lies on a real S3 server; what may differ is written in ``oracle`` (fields) and
here, as ``Dialect`` (questions that a server takes in another way than S3 documents).
"""

import os
import random
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import other_store
from oracle import Question, Server
from readers import Reader
from registered import Bucket
from snapslice_local.recorded_bucket import Moment, RecordedBucket, Written, slice_of
from snapslice_local.rest import Api, LocalStack
from snapslice_local.s3_events import EMPTY_ETAG
from snapslice_local.welcome import token_of

# To each server.
QUESTIONS = int(os.environ.get("SNAPSLICE_ORACLE_QUESTIONS", "750"))
FOLDERS = ["", "a/", "a/b/", "a/x y/", "p+q/", "ä€/", "z%2Fz/", "-", "a/b/c/d/"]
NAMES = [
    "1",
    "2",
    "10",
    "a b",
    "a+b",
    "a%20b",
    "ä😀",
    "ende\u0301",
    "x=y&z",
    "~!*'()",
    ";:@,$",
    '<&>"',
    "A",
]
# MinIO refuses these, or does not list what lies below an object.
NAMES_OF_S3 = ["/", "a//b", "..", "./x", "", "tab\there", "p+q", "b c/1"]


def random_key(chance: random.Random, names: list[str]) -> str:
    return chance.choice(FOLDERS) + chance.choice(names) or "empty"


def random_more(chance: random.Random) -> dict[str, Any]:
    """What else an object may be written with."""
    more = {
        "ContentType": "text/csv; charset=utf-8",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a b.csv"',
        "ContentLanguage": "de",
        "ContentEncoding": "gzip",
        "Metadata": {"colour": "blue", "mixed-case": "As It Is"},
    }
    return {name: value for name, value in more.items() if chance.random() < 0.25}


def write_some(chance: random.Random, recorded: RecordedBucket, names: list[str]) -> None:
    for _ in range(80):
        key = random_key(chance, names)
        if recorded.history and chance.random() < 0.2:
            # MinIO tells of no version where there was none.
            recorded.delete(chance.choice(sorted(recorded.history)))
        else:
            size = chance.choice([0, 1, 2, 10, 100, 3000])
            recorded.put(key, chance.randbytes(size), **random_more(chance))
    recorded.put_in_parts("a/large", chance.randbytes(1000), **random_more(chance))


@dataclass(frozen=True)
class Scene:
    """A view, and a plain bucket that holds what it shows."""

    spec: str
    objects: dict[str, Written]
    plain: str


def play(chance: random.Random, recorded: RecordedBucket, names: list[str]) -> list[Scene]:
    """A history with two moments in it, and what came between them."""
    moments: list[Moment] = []
    for _ in range(2):
        write_some(chance, recorded, names)
        moments.append(recorded.moment())
    write_some(chance, recorded, names)
    first, second = moments
    new = {key: second.objects[key] for key in slice_of(first, second)}
    shown = {
        first.spec: first.objects,
        second.spec: second.objects,
        f"{first.spec}-{second.spec}": new,
    }
    scenes = []
    for number, (spec, objects) in enumerate(shown.items()):
        plain = RecordedBucket(recorded.s3, f"{recorded.name}-plain{number}")
        plain.s3.create_bucket(Bucket=plain.name)
        for key, written in objects.items():
            plain.copy(key, written)
        scenes.append(Scene(spec, objects, plain.name))
    return scenes


Dialect = Callable[[Question, str], Question | None]


def starts_inside(question: Question) -> bool:
    """Whether a list begins within keys that are rolled up.

    S3 goes on with what is rolled up as long as a key of it is left, as we do; moto and MinIO leave
    it out, so these are not compared.
    """
    query = question.query
    start = query.get("start-after", query.get("marker", ""))
    delimiter, prefix = query.get("delimiter"), query.get("prefix", "")
    return bool(delimiter and start.startswith(prefix) and delimiter in start[len(prefix) :])


def of_moto(question: Question, etag: str) -> Question | None:
    """What moto has to be asked to hear S3's answer; nothing where it has none."""
    query = question.query
    if question.key:
        if not re.fullmatch(r"bytes=\d*-\d*", question.headers.get("Range", "bytes=-")):
            # S3 takes it for no range; moto fails on some.
            question = question.without("Range")
        if question.method == "HEAD" and any(name.startswith("response-") for name in query):
            # moto takes these for a GET alone.
            return None
        if query.get("partNumber", "1") != "1":
            # moto takes every text, and fails on some.
            return None
        # moto judges each condition by itself, and leaves out of a 304 what caches need.
        judged = question.judged(etag)
        return None if "If-None-Match" in judged.headers else judged
    if starts_inside(question):
        return None
    if "encoding-type" in query:
        # moto encodes spaces and tildes in its own way, and takes every encoding.
        return None
    if not query.get("max-keys", "1").isdigit() or query.get("max-keys") == "99999999999":
        # moto fails on what is no number.
        return None
    if "list-type" not in query and query.keys() & {"max-keys", "marker"}:
        # moto's pages of the first version count keys alone, and go on after a token of its own.
        return None
    return question.asking(max_keys="1000") if query.get("max-keys") == "5000" else question


def of_minio(question: Question, etag: str) -> Question | None:
    """What MinIO has to be asked to hear S3's answer; nothing where it has none."""
    query = question.query
    if not question.key:
        most = query.get("max-keys")
        if starts_inside(question) or most in ("0", "99999999999"):
            # MinIO lists one key for none, and takes every number.
            return None
        marker = query.get("marker", "")
        if marker and not marker.startswith(query.get("prefix", "")):
            # MinIO takes no marker outside of the prefix.
            return None
        if most and len(most) < 3:
            # MinIO loses keys between pages, comes back to those that are rolled up, and ends a
            # full page with an empty one.
            return None
        # MinIO repeats what was asked for above a thousand.
        return question.asking(max_keys="1000") if most == "5000" else question
    part, asked = query.get("partNumber", "1"), question.headers.get("Range", "")
    if part not in ("1", "2", "3") or (part != "1" and question.conditions):
        # MinIO fails on some texts, and looks for the part before it judges conditions.
        return None
    if asked and (question.conditions or etag.strip('"') == EMPTY_ETAG):
        # MinIO looks for the range before it judges conditions, and finds one in an empty object.
        return None
    numbers = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
    if numbers and max(len(numbers[1]), len(numbers[2])) > 18:
        # MinIO takes what is no 64-bit number for no range; S3 has no such limit.
        return None
    if numbers and numbers[1] and numbers[2] and int(numbers[2]) < int(numbers[1]):
        # S3 takes a range that ends before it begins for none; MinIO refuses it.
        return None
    return question.judged(etag) if question.conditions > 1 else question


@dataclass
class Asker:
    """Makes up questions about objects."""

    chance: random.Random
    objects: dict[str, Written]
    etags: dict[str, str]

    def some(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def maybe(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def question(self) -> Question:
        return self.list_question() if self.maybe(0.4) else self.key_question()

    def beginning(self) -> str:
        key = self.chance.choice(sorted(self.objects))
        return key[: self.chance.randint(0, len(key))]

    def list_question(self) -> Question:
        query = {"list-type": "2"} if self.maybe(0.6) else {}
        start = "start-after" if query else "marker"
        if self.maybe(0.6):
            query["prefix"] = self.some(self.beginning(), self.beginning(), "none", "")
        if self.maybe(0.6):
            query["delimiter"] = self.some("/", "/", "/", "b", "//", " ", "%", "")
        if self.maybe():
            query["max-keys"] = self.some("1", "2", "3", "7", "30", "1000", "5000", "0")
            if self.maybe(0.05):
                query["max-keys"] = self.some("-1", "x", "1.5", "99999999999")
        if self.maybe(0.4):
            query[start] = self.beginning() + self.some("", "", "!", "\U0010ffff")
        if self.maybe(0.4):
            query["encoding-type"] = "url" if self.maybe(0.95) else "base64"
        if start == "start-after" and self.maybe(0.2):
            query["fetch-owner"] = self.some("true", "false")
        return Question("GET", query=query)

    def key_question(self) -> Question:
        key = self.chance.choice(sorted(self.objects))
        if self.maybe(0.05):
            return Question(self.some("GET", "HEAD"), key + "-none")
        headers: dict[str, str] = {}
        query: dict[str, str] = {}
        if self.maybe():
            headers["Range"] = self.range(len(self.objects[key].body or b""))
        elif self.maybe(0.2):
            query["partNumber"] = self.some("1", "2", "3", "0", "10001", "x")
        for name in ("cache-control", "content-type", "content-disposition", "expires"):
            if self.maybe(0.05):
                query[f"response-{name}"] = "as asked; a=b c"
        question = Question(self.some("GET", "HEAD"), key, query, headers)
        return self.conditional(question) if self.maybe(0.4) else question

    def range(self, size: int) -> str:
        numbers = [0, 1, 2, size // 2, size - 1, size, size + 1, 10**12, 10**30]
        first, last = self.chance.choice(numbers), self.chance.choice(numbers)
        return self.some(
            f"bytes={first}-{last}",
            f"bytes={first}-{last}",
            f"bytes={first}-",
            f"bytes=-{last}",
            f"bytes={first}-{last},0-1",
            self.some("bytes=-", "bytes=a-b", "bytes", "bytes=1", "bytes=1-2-3", "items=0-1"),
            self.some("", "bytes = 0-1", "bytes=0 - 1", "Bytes=0-1", "bytes=0-1=2", "bytes=+1-2"),
        )

    def conditional(self, question: Question) -> Question:
        own = self.etags[question.key]
        headers, ages = dict(question.headers), {}
        for name in ("If-Match", "If-None-Match"):
            if self.maybe(0.4):
                headers[name] = self.some(own, own, own.strip('"'), '"other"', "other")
        for name in ("If-Modified-Since", "If-Unmodified-Since"):
            if self.maybe(0.4):
                ages[name] = self.chance.choice([-86400, -1, 0, 0, 1])
            elif self.maybe(0.1):
                headers[name] = "some day"
        return replace(question, headers=headers, ages=ages)


def differences(asked: Question, proxy: Server, plain: Server, as_plain: Question) -> list[str]:
    """What is not equal in the answers, walks through all pages included."""
    if asked.key:
        answers, expected = [proxy.ask(asked)], [plain.ask(as_plain)]
    else:
        answers, expected = proxy.walk(asked, 10), plain.walk(as_plain, 10)
    pages = list(zip(answers, expected, strict=False))
    found = [f"{len(answers)} pages, not {len(expected)}"] if len(answers) != len(expected) else []
    for answer, reference in pages:
        told, wanted = answer.compared(), reference.compared()
        names = told.keys() | wanted.keys()
        if answer.status == reference.status >= 400:
            # Each server adds other details to an error than its code.
            names = told.keys() & wanted.keys() | {"Code"}
        found += [
            f"{name}: {told.get(name)!r:.300} is not {wanted.get(name)!r:.300}"
            for name in sorted(names)
            if told.get(name) != wanted.get(name)
        ]
    return [f"{asked}: {text}" for text in found]


def compare(
    stack: LocalStack,
    chance: random.Random,
    scenes: list[Scene],
    name: str,
    of: tuple[str, str, str],
    dialect: Dialect,
) -> None:
    reader = Reader.of(stack)
    wrong: list[str] = []
    for scene in scenes:
        proxy = Server(reader.url, reader.key_id, reader.secret, f"{name}.{scene.spec}")
        plain = Server(*of, scene.plain)
        proxy.look(scene.objects)
        etags = plain.look(scene.objects)
        asker = Asker(chance, scene.objects, etags)
        for _ in range(QUESTIONS // len(scenes)):
            question = asker.question()
            as_plain = dialect(question, etags.get(question.key, ""))
            if as_plain is not None:
                wrong += differences(question, proxy, plain, as_plain)
    assert not wrong, "\n".join(wrong[:400])


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("SNAPSLICE_ORACLE_SEED", "0")) or secrets.randbits(32)
    print(f"SNAPSLICE_ORACLE_SEED={seed} asks these questions again")
    return random.Random(seed)


def test_a_snapshot_answers_as_the_local_s3_does(
    stack: LocalStack, bucket: Bucket, chance: random.Random
) -> None:
    bucket.enable()
    scenes = play(chance, bucket.recorded, NAMES + NAMES_OF_S3)
    last = bucket.recorded.moment()
    bucket.indexed(last)

    compare(stack, chance, scenes, bucket.name, (stack.aws, "test", "test"), of_moto)


def test_a_snapshot_answers_as_minio_does(
    stack: LocalStack, chance: random.Random, tmp_path: Path
) -> None:
    with other_store(stack, tmp_path) as (server, store, name):
        api = Api(stack.token_api, stack.session(), token_of(stack))
        s3 = server.s3()
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        api.post("/v1/buckets", {"name": name, **store.registration})
        store.notify(s3, name)
        bucket = Bucket(RecordedBucket(s3, name), api)
        bucket.enable()
        scenes = play(chance, bucket.recorded, NAMES)
        bucket.indexed(bucket.recorded.moment())

        of = (server.url, server.access_key, server.secret_key)
        compare(stack, chance, scenes, name, of, of_minio)
