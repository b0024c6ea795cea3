"""Programs that read S3, unmodified and used as their manuals say, read a bucket as it was."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from conftest import tool
from readers import Reader
from registered import Bucket
from snapslice_local.recorded_bucket import PART_BYTES, Moment, Written, slice_of
from snapslice_local.rest import ROOT, LocalStack

TREE = "tree/"
ODD_NAMES = ["a b+c/ä€.txt", "%2B%20", "x=y&z", "deep/er/1", "#?*"]
ROWS = [{"id": number, "name": f"row {number}"} for number in range(100)]
LATER_ROWS = [{"id": number, "name": f"later {number}"} for number in range(50)]

WRITE_PARQUET = """
import json, sys, pyarrow, pyarrow.parquet
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(json.load(sys.stdin)), sys.argv[1])
"""

# What a user would write: VIEW is the bucket with its moment, ENDPOINT the proxy's URL.
DATA_FRAMES = {
    "s3fs": """
import s3fs
s3 = s3fs.S3FileSystem(endpoint_url=ENDPOINT)
rows = json.loads(s3.cat(f"{VIEW}/rows.json"))
assert sorted(s3.find(f"{VIEW}/tree")) == [f"{VIEW}/{key}" for key in TREE]
with s3.open(f"{VIEW}/rows.json") as file:
    file.seek(-1, 2)
    assert file.read() == b"]"
""",
    "pandas read_parquet": """
import pandas
frame = pandas.read_parquet(f"s3://{VIEW}/table/rows.parquet",
                            storage_options={"endpoint_url": ENDPOINT})
rows = frame.to_dict("records")
""",
    "pandas read_csv": """
import pandas
frame = pandas.read_csv(f"s3://{VIEW}/rows.csv", storage_options={"endpoint_url": ENDPOINT})
rows = frame.to_dict("records")
""",
    "pyarrow": """
import pyarrow.dataset
from pyarrow.fs import FileSelector, S3FileSystem
s3 = S3FileSystem(endpoint_override=ENDPOINT.removeprefix("http://"), scheme="http")
rows = pyarrow.dataset.dataset(f"{VIEW}/table", filesystem=s3).to_table().to_pylist()
found = s3.get_file_info(FileSelector(f"{VIEW}/tree", recursive=True))
assert sorted(f.path for f in found if f.is_file) == [f"{VIEW}/{key}" for key in TREE]
""",
    "Polars scan_parquet": """
import polars
options = {"aws_endpoint_url": ENDPOINT, "aws_allow_http": "true"}
frame = polars.scan_parquet(f"s3://{VIEW}/table/*.parquet", storage_options=options)
rows = frame.filter(polars.col("id") >= 0).collect().to_dicts()
""",
    "Polars read_csv": """
import polars
options = {"aws_endpoint_url": ENDPOINT, "aws_allow_http": "true"}
rows = polars.read_csv(f"s3://{VIEW}/rows.csv", storage_options=options).to_dicts()
""",
}


@dataclass(frozen=True)
class View:
    """What a client is to find under a bucket's name, and the rows of its tables."""

    name: str
    objects: Mapping[str, Written]
    rows: list[dict[str, object]]

    @property
    def tree(self) -> dict[str, bytes]:
        """Bodies by path below the tree."""
        return {
            key.removeprefix(TREE): written.body or b""
            for key, written in self.objects.items()
            if key.startswith(TREE)
        }


def write(bucket: Bucket, rows: list[dict[str, object]], folder: Path) -> None:
    python = [tool("SNAPSLICE_DATA_FRAMES"), "-c", WRITE_PARQUET, str(folder / "rows.parquet")]
    subprocess.run(python, input=json.dumps(rows).encode(), check=True)
    csv = "id,name\n" + "".join(f"{row['id']},{row['name']}\n" for row in rows)
    bucket.recorded.put("table/rows.parquet", (folder / "rows.parquet").read_bytes())
    bucket.recorded.put("rows.csv", csv.encode())
    bucket.recorded.put("rows.json", json.dumps(rows).encode())


@pytest.fixture(scope="module")
def views(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> list[View]:
    """A snapshot, a later one, and the slice between them, of a bucket that went on."""
    bucket = Bucket.new(stack)
    bucket.enable()
    folder = tmp_path_factory.mktemp("rows")
    moments: list[Moment] = []
    for text, rows in (("first", ROWS), ("second", LATER_ROWS)):
        write(bucket, rows, folder)
        for name in ODD_NAMES if text == "first" else ODD_NAMES[1:3]:
            bucket.recorded.put(TREE + name, f"{text} of {name}".encode())
        bucket.recorded.put_in_parts(TREE + "large", os.urandom(PART_BYTES))
        moments.append(bucket.recorded.moment())
    for key in bucket.recorded.objects():
        bucket.recorded.delete(key)
    bucket.indexed(bucket.recorded.moment())
    first, second = moments
    new = {key: second.objects[key] for key in slice_of(first, second)}
    return [
        View(f"{bucket.name}.{first.spec}", first.objects, ROWS),
        View(f"{bucket.name}.{first.spec}-{second.spec}", new, LATER_ROWS),
    ]


@pytest.fixture(params=[0, 1], ids=["snapshot", "slice"])
def view(views: list[View], request: pytest.FixtureRequest) -> View:
    number: int = request.param
    return views[number]


@pytest.fixture
def reader(stack: LocalStack) -> Reader:
    return Reader.of(stack)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def output(command: list[str], reader: Reader, **environment: str) -> str:
    """What a program prints that has its credentials from the environment."""
    ran = subprocess.run(
        command, env=reader.environment | environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout


def test_boto3_resources_paginators_and_threads(view: View, reader: Reader, tmp_path: Path) -> None:
    session = boto3.Session(reader.key_id, reader.secret, region_name="us-east-1")
    bucket = session.resource("s3", endpoint_url=reader.url).Bucket(view.name)

    listed = {each.key: each.get()["Body"].read() for each in bucket.objects.all()}
    bucket.download_file(
        TREE + "large",
        str(tmp_path / "large"),
        Config=TransferConfig(multipart_threshold=2**20, multipart_chunksize=2**20),
    )
    pages = (
        reader.s3()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=view.name, Prefix=TREE, Delimiter="/", PaginationConfig={"PageSize": 1})
    )

    assert listed == {key: written.body for key, written in view.objects.items()}
    assert (tmp_path / "large").read_bytes() == view.tree["large"]
    shown = [each["Prefix"] for each in pages.search("CommonPrefixes[]") if each]
    assert shown == sorted({TREE + k.split("/")[0] + "/" for k in view.tree if "/" in k})


def test_aws_cli(view: View, reader: Reader, tmp_path: Path) -> None:
    source = f"s3://{view.name}"

    lines = reader.aws("s3", "ls", "--recursive", f"{source}/{TREE}").splitlines()
    reader.aws("s3", "cp", "--recursive", f"{source}/{TREE}", str(tmp_path / "copied"))
    reader.aws("s3", "sync", f"{source}/{TREE}", str(tmp_path / "synced"))
    again = reader.aws("s3", "sync", f"{source}/{TREE}", str(tmp_path / "synced"))
    told = json.loads(
        reader.aws("s3api", "list-objects-v2", "--bucket", view.name, "--page-size", "2")
    )
    reader.aws(
        *("s3api", "get-object", "--bucket", view.name, "--key", "rows.csv"),
        *("--range", "bytes=0-6", str(tmp_path / "head")),
    )

    assert len(lines) == len(view.tree)
    assert files_in(tmp_path / "copied") == view.tree
    assert files_in(tmp_path / "synced") == view.tree
    assert again == ""
    assert {each["Key"] for each in told["Contents"]} == view.objects.keys()
    assert (tmp_path / "head").read_bytes() == b"id,name"


@pytest.mark.parametrize("client", DATA_FRAMES)
def test_data_frames(view: View, reader: Reader, client: str) -> None:
    tree = sorted(key for key in view.objects if key.startswith(TREE))
    program = (
        f"import json\nVIEW, ENDPOINT, TREE = {view.name!r}, {reader.url!r}, {tree!r}\n"
        f"{DATA_FRAMES[client]}\nprint(json.dumps(rows))"
    )

    printed = output([tool("SNAPSLICE_DATA_FRAMES"), "-c", program], reader)

    assert json.loads(printed) == view.rows


def test_curl(view: View, reader: Reader, tmp_path: Path) -> None:
    curl = ["curl", "--fail", "--silent", "--show-error"]
    signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"{reader.key_id}:{reader.secret}"]
    unsigned_payload = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]

    listed = output(
        [*curl, *signed, *unsigned_payload, f"{reader.url}/{view.name}?list-type=2"], reader
    )
    for name, body in view.tree.items():
        url = f"{reader.url}/{view.name}/{quote(TREE + name)}"
        output([*curl, *signed, *unsigned_payload, "-o", str(tmp_path / "got"), url], reader)
        assert (tmp_path / "got").read_bytes() == body

    assert f"<KeyCount>{len(view.objects)}</KeyCount>" in listed


def test_rclone(view: View, reader: Reader, tmp_path: Path) -> None:
    remote = {
        "RCLONE_CONFIG": str(tmp_path / "none.conf"),
        "RCLONE_CONFIG_PAST_TYPE": "s3",
        "RCLONE_CONFIG_PAST_PROVIDER": "Other",
        "RCLONE_CONFIG_PAST_ENDPOINT": reader.url,
        "RCLONE_CONFIG_PAST_ENV_AUTH": "true",
    }
    source = f"past:{view.name}/{TREE}"

    def rclone(*arguments: str) -> str:
        return output([tool("SNAPSLICE_RCLONE"), *arguments], reader, **remote)

    rclone("copy", source, str(tmp_path / "copied"))
    rclone("check", source, str(tmp_path / "copied"))
    listed = rclone("lsf", "--recursive", "--files-only", source)
    part = rclone("cat", "--offset", "3", "--count", "4", f"past:{view.name}/rows.csv")

    assert files_in(tmp_path / "copied") == view.tree
    assert set(listed.splitlines()) == view.tree.keys()
    assert part == "name"


def test_sdk_for_java_over_crt(view: View, reader: Reader, tmp_path: Path) -> None:
    target = ROOT / "local/target"
    path = (target / "test-classpath.txt").read_text(encoding="utf-8").strip()
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    program = [str(java), "--enable-native-access=ALL-UNNAMED"]
    program += [
        "-cp",
        f"{target / 'test-classes'}{os.pathsep}{path}",
        "dev.snapslice.local.CrtCopy",
    ]

    output([*program, reader.url, view.name, TREE, str(tmp_path)], reader)

    assert files_in(tmp_path) == view.tree


def test_mc(view: View, reader: Reader, tmp_path: Path) -> None:
    host = reader.url.replace("http://", f"http://{reader.key_id}:{reader.secret}@")
    source = f"past/{view.name}/{TREE}"

    def mc(*arguments: str) -> str:
        command = [tool("SNAPSLICE_MC"), "--config-dir", str(tmp_path / "mc"), *arguments]
        return output(command, reader, MC_HOST_past=host)

    mc("mirror", source, str(tmp_path / "mirrored"))
    listed = [json.loads(line) for line in mc("ls", "-r", "--json", source).splitlines()]
    shown = mc("cat", f"past/{view.name}/rows.csv")

    assert files_in(tmp_path / "mirrored") == view.tree
    assert {each["key"]: each["size"] for each in listed} == {
        name: len(body) for name, body in view.tree.items()
    }
    assert shown.encode() == view.objects["rows.csv"].body
