"""Starts stacks, as ``./snapslice up`` does."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ports import free_port
from snapslice_local.rest import ROOT, LocalStack


@contextmanager
def started(state: Path, *options: str) -> Iterator[LocalStack]:
    """A stack that is started with more options than ports, and stopped at the end."""
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    class_path = (ROOT / "local/target/classpath.txt").read_text(encoding="utf-8").strip()
    log = state.parent / f"{state.name}.log"
    ports = {name: free_port() for name in ("api", "aws", "dynamodb", "proxy", "mlflow")}
    command = [
        str(java),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        f"{ROOT / 'local/target/classes'}{os.pathsep}{class_path}",
        "dev.snapslice.local.LocalStack",
        *("--root", str(ROOT), "--state", str(state), "--tick-seconds", "1", *options),
        *(part for name, port in ports.items() for part in (f"--{name}-port", str(port))),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 180
        while not (state / "stack.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the stack did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.2)
        yield LocalStack.running(state / "stack.json")
    finally:
        process.terminate()
        process.wait()
