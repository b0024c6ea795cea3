"""Requests made of the API's description, right and wrong, and answers compared with it.

A usual run sends always the same; ``SNAPSLICE_FUZZ_EXAMPLES`` sends so many others to each route.
"""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from registered import Bucket
from snapslice_local.rest import ROOT, LocalStack
from snapslice_local.welcome import token_of

EXAMPLES = os.environ.get("SNAPSLICE_FUZZ_EXAMPLES")


def test_answers_are_as_the_contract_says(stack: LocalStack, tmp_path: Path) -> None:
    # Other tests on this stack have buckets of the names in the contract's examples.
    own = uuid.uuid4().hex[:12]
    prepare(stack, own)
    contract, configuration = tmp_path / "openapi.yaml", tmp_path / "schemathesis.toml"
    for file, source in ((contract, "api-spec"), (configuration, "local")):
        text = (ROOT / source / file.name).read_text(encoding="utf-8")
        file.write_text(re.sub(r"\b(films|reports)\b", rf"\1-{own}", text), encoding="utf-8")
    many = ["--max-examples", EXAMPLES] if EXAMPLES else ["--generation-deterministic", "-n", "5"]
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(configuration)),
        *("run", str(contract), "--url", stack.token_api, *many),
    ]

    run = subprocess.run(
        command,
        env={**os.environ, "SNAPSLICE_TOKEN": token_of(stack)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-4_000:]


def prepare(stack: LocalStack, own: str) -> None:
    """Sees to what the contract's examples name."""
    for name in (f"films-{own}-copy", f"reports-{own}"):
        Bucket.new(stack, name)
    films = Bucket.new(stack, f"films-{own}")
    films.enable()
    for key in ("a.txt", "a/b c.txt"):
        films.s3.put_object(Bucket=films.name, Key=key, Body=key.encode())
