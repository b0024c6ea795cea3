"""A server between the proxy and what it reads from, which fails when it is told to."""

import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

PIECE = 16 * 1024
FOR_EVER = 1_000_000


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the true one."""

    status: int
    body: bytes
    content_type: str = "application/xml"


@dataclass(frozen=True)
class Break:
    """The true answer, but for its end.

    Attributes
    ----------
    after
        bytes of the body that are sent before, ``None`` if not even the head is.
    by
        a reset of the connection, its end, or silence until the other side ends it.
    """

    by: Literal["reset", "end", "silence"]
    after: int | None = None


Fault = Refusal | Break


class Origin(ThreadingHTTPServer):
    """Forwards every request, save for those that a fault is kept for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Forwarding)
        self.target = urlsplit(target)
        self.asked: Counter[str] = Counter()
        self.gone: defaultdict[str, threading.Event] = defaultdict(threading.Event)
        self._faults: dict[str, tuple[Fault, int]] = {}
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, path: str, fault: Fault, times: int = FOR_EVER) -> None:
        """Spoil the answers to the next requests for a path."""
        with self._lock:
            self._faults[path] = (fault, times)

    def heal(self, path: str) -> None:
        with self._lock:
            self._faults.pop(path, None)

    def fault(self, path: str) -> Fault | None:
        """Count a request, and take what is to happen to it."""
        with self._lock:
            self.asked[path] += 1
            fault, times = self._faults.pop(path, (None, 0))
            if fault is not None and times > 1:
                self._faults[path] = (fault, times - 1)
            return fault

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break are what this is for."""


class Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def setup(self) -> None:
        super().setup()
        # Little is on its way when a client goes: what is sent here is what the proxy took.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)

    def forward(self) -> None:
        path = urlsplit(self.path).path
        fault = self.server.fault(path)
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            match fault:
                case Refusal():
                    self.answer(fault.status, {"content-type": fault.content_type}, fault.body)
                case Break(by, None):
                    self.end(by)
                case Break() | None:
                    self.answer_of_target(body, fault)
        except OSError:
            self.close_connection = True
            self.server.gone[path].set()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = forward

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.head(status, headers | {"content-length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_of_target(self, body: bytes, fault: Break | None) -> None:
        target = self.server.target
        connection = HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            self.pass_on(connection.getresponse(), fault)
        finally:
            connection.close()

    def pass_on(self, response: HTTPResponse, fault: Break | None) -> None:
        own = ("connection", "transfer-encoding", "date", "server")
        headers = {
            name.lower(): value for name, value in response.getheaders() if name.lower() not in own
        }
        if "content-length" not in headers:
            self.answer(response.status, headers, response.read())
            return
        self.head(response.status, headers)
        left = fault.after if fault and fault.after is not None else FOR_EVER * PIECE
        while left > 0 and (piece := response.read(min(PIECE, left))):
            self.wfile.write(piece)
            left -= len(piece)
        if fault:
            self.end(fault.by)

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def end(self, by: str) -> None:
        if by == "silence":
            self.connection.recv(1)
        if by == "reset":
            # To linger for no time is to reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        raise ConnectionAbortedError(by)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def origin(target: str) -> Iterator[Origin]:
    """Stand before ``target``."""
    with Origin(target) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
