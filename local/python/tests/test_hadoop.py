"""A bucket as it was, read by Hadoop's own client over WebHDFS, as Spark's distribution has it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyspark
import pytest
from conftest import FIRST, Bucket, History
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, concat, lit
from snapslice_local import hadoop_token
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of

JARS = Path(pyspark.__file__).parent / "jars"
CONFIGURATION = Path(__file__).parent / "hadoop"
JAVA = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else Path("java")


def hadoop(
    program: str, *arguments: str, user: str = "nobody", **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run a class of Hadoop's client."""
    return subprocess.run(
        [str(JAVA), "-cp", f"{CONFIGURATION}:{JARS}/*", program, *arguments],
        env={**os.environ, "HADOOP_USER_NAME": user, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def shell(*arguments: str, **more: str) -> str:
    """Run ``hadoop fs``."""
    run = hadoop("org.apache.hadoop.fs.FsShell", *arguments, **more)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def root(stack: LocalStack) -> str:
    return f"webhdfs://{urlsplit(stack.proxy).netloc}"


def test_fs_shell_lists_and_reads(
    stack: LocalStack, history: History, root: str, tmp_path: Path
) -> None:
    token = token_of(stack)
    view = f"{root}/{history.name}.{history.first.spec}"

    listed = [
        line.split(maxsplit=7)[-1] for line in shell("-ls", "-R", view, user=token).splitlines()
    ]
    assert f"{view}/data/sub/deep/c.txt" in listed
    assert f"{view}/data/sp ace+100%é.txt" in listed
    assert f"{view}/data/new.txt" not in listed
    assert shell("-cat", f"{view}/data/a.txt", user=token) == "one"
    assert shell("-tail", f"{view}/data/sub/b.txt", user=token) == "b" * 1000
    assert shell("-cat", f"{root}/{history.name}/.snapshot/before/data/a.txt", user=token) == "one"
    shell("-get", f"{view}/data/sub", str(tmp_path), user=token)
    assert (tmp_path / "sub" / "b.txt").read_bytes() == FIRST["data/sub/b.txt"]
    assert shell("-checksum", f"{view}/data/a.txt", user=token).split()[1].startswith("MD5-of-0MD5")
    assert shell("-count", f"{view}/data/sub", user=token).split()[:3] == ["2", "2", "1001"]
    assert "user.camera" in shell("-getfattr", "-d", f"{view}/data/a.txt", user=token)

    written = hadoop("org.apache.hadoop.fs.FsShell", "-touchz", f"{view}/x", user=token)
    assert written.returncode != 0 and "read-only snapshot" in written.stderr


def test_fs_shell_says_who_it_is_in_each_way(
    stack: LocalStack,
    history: History,
    root: str,
    tmp_path: Path,
) -> None:
    file = f"{root}/{history.name}.{history.first.spec}/data/a.txt"
    key = stack.api().post("/v1/access-keys", {"principal": "p", "role": "reader"})
    oauth = {
        "dfs.webhdfs.oauth2.enabled": "true",
        "dfs.webhdfs.oauth2.access.token.provider": "org.apache.hadoop.hdfs.web.oauth2"
        ".ConfCredentialBasedAccessTokenProvider",
        "dfs.webhdfs.oauth2.client.id": key["accessKeyId"],
        "dfs.webhdfs.oauth2.credential": key["secretAccessKey"],
        "dfs.webhdfs.oauth2.refresh.url": f"{stack.proxy}/oauth2/token",
    }
    options = [part for name, value in oauth.items() for part in ("-D", f"{name}={value}")]
    assert shell(*options, "-cat", file) == "one"

    tokens = tmp_path / "tokens"
    hadoop_token.write(tokens, stack.proxy, key["accessKeyId"], key["secretAccessKey"])
    assert shell("-cat", file, HADOOP_TOKEN_FILE_LOCATION=str(tokens)) == "one"

    nobody = hadoop("org.apache.hadoop.fs.FsShell", "-cat", file)
    assert nobody.returncode != 0


@pytest.fixture(scope="module")
def spark(stack: LocalStack) -> Iterator[SparkSession]:
    os.environ["HADOOP_USER_NAME"] = token_of(stack)
    session = (
        SparkSession.Builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield session
    session.stop()
    del os.environ["HADOOP_USER_NAME"]


def test_spark_reads_parquet_and_lines_split_in_the_middle(
    stack: LocalStack, spark: SparkSession, root: str, tmp_path: Path
) -> None:
    bucket = Bucket.new(stack)
    bucket.enable()
    numbers = spark.range(20_000).withColumn("text", concat(lit("row "), col("id")))
    numbers.repartition(3).write.partitionBy().parquet(str(tmp_path / "t"))
    for file in (tmp_path / "t").iterdir():
        if not file.name.startswith("."):
            bucket.s3.upload_file(str(file), bucket.name, f"t/{file.name}")
    lines = "".join(f"line {i}\n" for i in range(50_000)).encode()
    bucket.s3.put_object(Bucket=bucket.name, Key="lines.txt", Body=lines)
    moment = bucket.recorded.moment()
    bucket.s3.put_object(Bucket=bucket.name, Key="t/part-broken.parquet", Body=b"no parquet")
    bucket.s3.put_object(Bucket=bucket.name, Key="lines.txt", Body=b"overwritten")
    bucket.indexed(moment)

    view = f"{root}/{bucket.name}.{moment.spec}"
    assert spark.read.parquet(f"{view}/t").where("id % 1000 = 7").count() == 20
    assert spark.read.parquet(f"{root}/{bucket.name}/.snapshot/{moment.spec}/t").count() == 20_000
    spark.conf.set("spark.sql.files.maxPartitionBytes", len(lines) // 5)
    text = spark.read.text(f"{view}/lines.txt")
    assert text.rdd.getNumPartitions() >= 5
    assert text.distinct().count() == 50_000


def test_hadoop_reports_what_changed_between_snapshots(
    spark: SparkSession, history: History, root: str
) -> None:
    jvm: Any = spark._jvm
    hadoop_path = jvm.org.apache.hadoop.fs.Path(f"{root}/{history.name}")
    fs = hadoop_path.getFileSystem(spark._jsc.hadoopConfiguration())
    report = fs.getSnapshotDiffReport(hadoop_path, "before", history.second.spec)
    changes = [str(each).split() for each in report.getDiffList()]
    assert sorted(changes) == [
        ["+", "./data/new.txt"],
        ["-", "./data/sub/b.txt"],
        ["M", "./data"],
        ["M", "./data/a.txt"],
        ["M", "./data/sub"],
    ]
