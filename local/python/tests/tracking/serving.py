"""Serves models, as ``mlflow models serve`` does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_port, wait_for


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
    with (folder / "serve.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "PATH": path},
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/ping", 120)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        process.terminate()
        process.wait()
