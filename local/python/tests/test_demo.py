"""What README and ``./snapslice demo`` promise, done."""

import json
import os
import re
import subprocess
import uuid

from snapslice_local.demo import Demo
from snapslice_local.rest import ROOT, Api, LocalStack
from snapslice_local.story import Story
from snapslice_local.welcome import token_of


def test_the_demo_finds_everything_as_it_was_written(stack: LocalStack) -> None:
    api = Api(stack.token_api, stack.session(), token_of(stack))
    s3 = stack.session().client("s3", endpoint_url=stack.aws)
    story = Story()

    Demo(story, api, s3, f"demo-{uuid.uuid4()}", patience_seconds=60).run()

    assert story.wrong == []


def tour() -> list[str]:
    """The commands of README's tour, each with its continuation lines."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    chapter = readme.partition("## A two-minute tour")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)
    return [command for block in blocks for command in re.split(r"^\$ ", block, flags=re.M)[1:]]


def test_the_tour_of_the_readme_shows_what_it_says(stack: LocalStack) -> None:
    issued = stack.api().post("/v1/access-keys", {"principal": "me", "role": "reader"})
    here = {
        "http://localhost:4566": stack.aws,
        "http://localhost:4568": stack.token_api,
        "http://localhost:4570": stack.proxy,
        "TOKEN=…": f"TOKEN={token_of(stack)}",
        "=SNAP…": "=" + issued["accessKeyId"],
        "SECRET_ACCESS_KEY=…": "SECRET_ACCESS_KEY=" + issued["secretAccessKey"],
    }
    script = "set -eu\n" + "echo; echo ----\n".join(tour())
    for told, real in here.items():
        assert told in script
        script = script.replace(told, real)

    run = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={**os.environ, "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr
    *_, bucket, first, second, sliced, diff, history, _, _, listed, read = run.stdout.split(
        "----\n"
    )
    assert json.loads(bucket)["status"] == "ACTIVE"
    assert keys(first) == ["a.txt", "b.txt"]
    assert keys(second) == ["a.txt"]
    assert keys(sliced) == ["a.txt"]
    changes = {each["key"]: each["change"] for each in json.loads(diff)["changes"]}
    assert changes == {"a.txt": "modified", "b.txt": "deleted"}
    assert len(json.loads(history)["versions"]) == 2
    assert [line.split()[-1] for line in listed.splitlines() if line] == ["a.txt", "b.txt"]
    assert read.split() == ["1"]


def keys(page: str) -> list[str]:
    return [each["key"] for each in json.loads(page)["objects"]]
