"""Where servers of tests listen, and whether they do."""

import random
import socket
import time
import urllib.error
import urllib.request

# Below those that connections leave from, so that none takes one before a server does.
PORTS = iter(random.sample(range(20_000, 32_000, 2), 6_000))


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
