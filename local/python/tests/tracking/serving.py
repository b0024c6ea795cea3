"""Starts MLflow's own programs: what serves models, as ``mlflow models serve`` does, and others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_port, wait_for


@contextmanager
def running(command: list[str], log: Path, health: str, **environment: str) -> Iterator[None]:
    """A program in the log's folder, from when it answers at a URL on."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**os.environ, **environment},
        )
    try:
        wait_for(health, 120)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def served(uri: str, folder: Path) -> Iterator[str]:
    """Where one asks a model that is loaded by its URI, in this very environment."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", uri),
        *("--env-manager", "local", "--port", str(port)),
    ]
    # It starts uvicorn by its name.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    at = f"http://127.0.0.1:{port}"
    with running(command, folder / "serve.log", f"{at}/ping", PATH=path):
        yield f"{at}/invocations"
