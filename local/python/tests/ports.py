"""Where servers of tests listen, and whether they do."""

import os
import random
import socket
import time
import urllib.error
import urllib.request

# Below those that connections leave from, so that none takes one before a server does. Each
# process of pytest-xdist has its own.
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
MINE = range(20_000 + 2 * WORKER, 32_000, 2 * WORKERS)
PORTS = iter(random.sample(MINE, len(MINE)))


def free_port() -> int:
    """A free port whose next one is free, too; never the same twice."""
    return next(port for port in PORTS if _free(port) and _free(port + 1))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


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
