"""A read proxy beside that of the stack, told something else."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ports import free_port, wait_for
from snapslice_local.rest import ROOT, LocalStack


@dataclass(frozen=True)
class Proxy:
    """A proxy's process, and where it is reached."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path


@contextmanager
def second_proxy(stack: LocalStack, log: Path, **told: str) -> Iterator[Proxy]:
    """Run a proxy with the environment of the fleet's container, and what else it is ``told``."""
    deployed = json.loads((stack.state / "deployment.json").read_text(encoding="utf-8"))
    where = json.loads((stack.state / "stack.json").read_text(encoding="utf-8"))
    port = free_port()
    environment = {
        **os.environ,
        **deployed["proxy"],
        "AWS_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": stack.aws,
        "AWS_ENDPOINT_URL_DYNAMODB": where["dynamodb"],
        "SNAPSLICE_PROXY_ADDRESS": "127.0.0.1",
        "SNAPSLICE_PROXY_PORT": str(port),
        "SNAPSLICE_PROXY_DOMAIN": "localhost",
        **told,
    }
    class_path = (ROOT / "proxy/target/classpath.txt").read_text(encoding="utf-8").strip()
    command = [
        str(Path(os.environ["JAVA_HOME"]) / "bin" / "java"),
        "-Xmx256m",
        "-cp",
        f"{ROOT / 'proxy/target/classes'}{os.pathsep}{class_path}",
        "dev.snapslice.proxy.Proxy",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield Proxy(process, f"http://localhost:{port}", log)
    finally:
        process.kill()
        process.wait()
