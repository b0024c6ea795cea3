"""Servers that the tests talk to: each on a free port, each stopped at the end."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

PYTHON = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, seconds: float = 60) -> None:
    """Until something answers at ``url``, whatever the status."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


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
