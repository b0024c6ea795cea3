"""Requests made of the API's description, right and wrong, and answers compared with it.

A usual run sends always the same; ``SNAPSLICE_FUZZ_EXAMPLES`` sends so many others to each route.
"""

import os
import subprocess
import sys
from pathlib import Path

from registered import Bucket, eventually
from snapslice_local.rest import ROOT, Api, ApiError, LocalStack
from snapslice_local.welcome import token_of

EXAMPLES = os.environ.get("SNAPSLICE_FUZZ_EXAMPLES")


def test_answers_are_as_the_contract_says(stack: LocalStack, tmp_path: Path) -> None:
    prepare(stack)
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


def prepare(stack: LocalStack) -> None:
    """Sees to what the contract's examples name; a run before may have left some of it."""
    for name in ("films", "films-copy", "reports"):
        try:
            Bucket.new(stack, name)
        except ApiError as error:
            if error.status != 409:
                raise
    api = Api(stack.token_api, stack.session(), token_of(stack))
    api.post("/v1/buckets/films/enable")
    films = "/v1/buckets/films"
    eventually(lambda: api.get(films)["status"] == "ACTIVE", lambda: api.get(films))
    s3 = stack.session().client("s3", endpoint_url=stack.aws)
    for key in ("a.txt", "a/b c.txt"):
        s3.put_object(Bucket="films", Key=key, Body=key.encode())
