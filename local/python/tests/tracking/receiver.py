"""A receiver of webhooks, on this machine."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def event(self) -> dict[str, Any]:
        """What it tells, without its moment."""
        told: dict[str, Any] = json.loads(self.body)
        assert told.pop("timestamp").endswith("+00:00")
        return told

    def is_signed_with(self, secret: str) -> bool:
        """Whether its signature is what MLflow's documentation says."""
        signed = ".".join(
            (
                self.headers["x-mlflow-delivery-id"],
                self.headers["x-mlflow-timestamp"],
                self.body.decode(),
            )
        )
        mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        return self.headers["x-mlflow-signature"] == f"v1,{base64.b64encode(mac).decode()}"


@dataclass
class Receiver:
    """Answers each request with the next of ``statuses``, then with 200."""

    url: str
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def wait(self, path: str, many: int, seconds: float = 40) -> list[Received]:
        """Those of a path, once there are so many."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            known = [request for request in self.received if request.path == path]
            if len(known) >= many:
                return known
            time.sleep(0.1)
        raise AssertionError(f"{path}: {self.received}")


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.received.append(Received(self.path, headers, self.rfile.read(length)))
            self.send_response(made.statuses.pop(0) if made.statuses else 200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Receiver(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
