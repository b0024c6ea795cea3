"""A bucket as it was, read by Hadoop's own client over WebHDFS, as Spark's distribution has it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import FIRST, History
from hadoop_client import Hadoop
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, concat, lit
from registered import Bucket
from second_proxy import second_proxy
from snapslice_local import hadoop_token
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from tls_front import PASSWORD, tls_front


@pytest.fixture(scope="module")
def root(stack: LocalStack) -> str:
    return f"webhdfs://{urlsplit(stack.proxy).netloc}"


def test_fs_shell_lists_and_reads(
    stack: LocalStack, history: History, root: str, tmp_path: Path
) -> None:
    hadoop = Hadoop(token_of(stack))
    view = f"{root}/{history.name}.{history.first.spec}"

    listed = [line.split(maxsplit=7)[-1] for line in hadoop.shell("-ls", "-R", view).splitlines()]
    assert f"{view}/data/sub/deep/c.txt" in listed
    assert f"{view}/data/sp ace+100%é.txt" in listed
    assert f"{view}/data/new.txt" not in listed
    assert hadoop.shell("-cat", f"{view}/data/a.txt") == "one"
    assert hadoop.shell("-cat", f"{view}/data/sp ace+100%é.txt") == "odd"
    assert hadoop.shell("-tail", f"{view}/data/sub/b.txt") == "b" * 1000
    assert hadoop.shell("-cat", f"{root}/{history.name}/.snapshot/before/data/a.txt") == "one"
    hadoop.shell("-get", f"{view}/data/sub", str(tmp_path))
    assert (tmp_path / "sub" / "b.txt").read_bytes() == FIRST["data/sub/b.txt"]
    assert hadoop.shell("-checksum", f"{view}/data/a.txt").split()[1].startswith("MD5-of-0MD5")
    assert hadoop.shell("-count", f"{view}/data/sub").split()[:3] == ["2", "2", "1001"]
    assert "user.camera" in hadoop.shell("-getfattr", "-d", f"{view}/data/a.txt")

    written = hadoop.run("org.apache.hadoop.fs.FsShell", "-touchz", f"{view}/x")
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
    assert Hadoop().shell(*options, "-cat", file) == "one"

    tokens = tmp_path / "tokens"
    hadoop_token.write(tokens, stack.proxy, key["accessKeyId"], key["secretAccessKey"])
    told = Hadoop(environment={"HADOOP_TOKEN_FILE_LOCATION": str(tokens)})
    assert told.shell("-cat", file) == "one"

    nobody = Hadoop().run("org.apache.hadoop.fs.FsShell", "-cat", file)
    assert nobody.returncode != 0


def test_fs_shell_reads_by_tls(stack: LocalStack, history: History, tmp_path: Path) -> None:
    told = {"SNAPSLICE_PROXY_SCHEME": "https"}
    with (
        second_proxy(stack, tmp_path / "proxy.log", **told) as proxy,
        tls_front(urlsplit(proxy.url).port or 0, tmp_path) as front,
    ):
        view = f"swebhdfs://localhost:{front.port}/{history.name}.{history.first.spec}"
        trusting = (
            f"-Djavax.net.ssl.trustStore={front.trusted}",
            f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
        )
        hadoop = Hadoop(token_of(stack), options=trusting)
        assert hadoop.shell("-cat", f"{view}/data/a.txt") == "one"
        assert hadoop.shell("-tail", f"{view}/data/sub/b.txt") == "b" * 1000


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
