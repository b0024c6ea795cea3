"""Requests made of the API's description, right and wrong, and answers compared with it."""

import os
import subprocess
import sys
from pathlib import Path

from registered import Bucket
from snapslice_local.rest import ROOT, LocalStack
from snapslice_local.welcome import token_of

EXAMPLES = os.environ.get("SNAPSLICE_FUZZ_EXAMPLES")


def test_answers_are_as_the_contract_says(stack: LocalStack, tmp_path: Path) -> None:
    # What the contract's examples name.
    for name in ("films", "films-copy", "reports"):
        bucket = Bucket.new(stack, name)
        bucket.enable()
    films = stack.session().client("s3", endpoint_url=stack.aws)
    films.put_object(Bucket="films", Key="a.txt", Body=b"a")
    films.put_object(Bucket="films", Key="a/b c.txt", Body=b"b")
    # A usual run sends always the same.
    many = ["--max-examples", EXAMPLES] if EXAMPLES else ["--generation-deterministic", "-n", "5"]
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(ROOT / "local/schemathesis.toml")),
        *("run", str(ROOT / "api-spec/openapi.yaml"), "--url", stack.token_api, *many),
    ]

    run = subprocess.run(
        command,
        env={**os.environ, "SNAPSLICE_TOKEN": token_of(stack)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-4_000:]
