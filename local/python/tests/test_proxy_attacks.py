"""What no client sends, and what somebody might: the read proxy refuses it, and goes on."""

import contextlib
import os
import random
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from snapslice_local.rest import LocalStack

SIGNED = (
    "Authorization: AWS4-HMAC-SHA256 Credential={id}/20261124/us-east-1/s3/aws4_request,"
    " SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + "0" * 64 + "\r\n"
    "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nx-amz-date: 20261124T000000Z\r\n"
)


def sent(stack: LocalStack, data: bytes, seconds: float = 10) -> bytes:
    """What comes back for these bytes until the server closes, or has nothing more to say."""
    where = urlsplit(stack.proxy)
    with socket.create_connection((where.hostname, where.port), timeout=seconds) as connection:
        # Who was refused before everything was read has been told why all the same.
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
        return answer


@pytest.fixture(autouse=True)
def _goes_on(stack: LocalStack) -> Iterator[None]:
    yield
    assert requests.get(f"{stack.proxy}/health", timeout=10).text == "ok"


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /b HTTP/1.1\nHost: x\n\n",
        "GET /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"
        "\r\n0\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "GET /b HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: x\r\nX-A: " + "a" * 100_000 + "\r\n\r\n",
        "GET /" + "a" * 100_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /b/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /b/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /b?prefix=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /b HTTP/1.1\r\n\r\n",
        "GET /b HTTP/9.9\r\nHost: x\r\n\r\n",
        "BREW /b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: x\r\n" + SIGNED.format(id="A" * 20) + "\r\n",
        "GET /b HTTP/1.1\r\nHost: x\r\n" + SIGNED.format(id="'; DROP") + "\r\n",
    ],
)
def test_refuses_what_is_no_request_of_a_known_reader(stack: LocalStack, request_text: str) -> None:
    answer = sent(stack, request_text.encode("latin-1"))

    statuses = [line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert len(statuses) <= 1, "one request must not be taken for two"
    assert all(status.startswith(b"4") for status in statuses), answer[:500]


# How many requests are broken, over all targets.
REQUESTS = int(os.environ.get("SNAPSLICE_FUZZ_REQUESTS", "8000"))

TOKEN = "snt_" + "A" * 20 + "_" + "a" * 43
SEALED = "VEFBQUFBQUFBQUFBQUFBQUFBQUE.eyJidWNrZXQiOiJiIn0"


TARGETS = [
    "/b.tm20261124093000/a%20b?list-type=2&prefix=a",
    f"/webhdfs/v1/b.tm20261124093000/a%20b?op=OPEN&offset=1&length=2&user.name={TOKEN}",
    f"/webhdfs/v1/b/a?op=OPEN&data={SEALED}&offset=1",
    "/webhdfs/v1/b/.snapshot/x?op=LISTSTATUS_BATCH&startAfter=a&delegation=AAAAAAAA",
]


@pytest.mark.parametrize("target", TARGETS)
def test_survives_thousands_of_broken_requests(stack: LocalStack, target: str) -> None:
    chance = random.Random(20261124)
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
    whole = (head + SIGNED.format(id="A" * 20) + "\r\n").encode()
    for _ in range(REQUESTS // len(TARGETS)):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(broken))
            match chance.randrange(3):
                case 0:
                    broken[place] = chance.randrange(256)
                case 1:
                    del broken[place : place + chance.randrange(1, 20)]
                case _:
                    broken[place:place] = chance.randbytes(chance.randrange(1, 20))
        answer = sent(stack, bytes(broken))
        assert answer, bytes(broken)
        assert not answer.startswith(b"HTTP/1.1 5"), (bytes(broken), answer[:500])
        assert not answer.startswith(b"HTTP/1.1 2"), (bytes(broken), answer[:500])
    print(f"{REQUESTS // len(TARGETS)} broken requests, all of them answered")
