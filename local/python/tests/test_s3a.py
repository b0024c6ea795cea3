"""A bucket as it was, read by Hadoop's S3A: through the proxy, and with our client past it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from audit import AuditLog
from conftest import FIRST, History, other_store
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, sha2
from readers import Reader
from registered import Bucket
from snapslice_local.recorded_bucket import RecordedBucket
from snapslice_local.rest import Api, LocalStack
from snapslice_local.spark_reads import session
from snapslice_local.welcome import token_of

FACTORY = "fs.s3a.s3.client.factory.impl"
OURS = "dev.snapslice.s3a.SnapsliceS3ClientFactory"
HADOOPS = "org.apache.hadoop.fs.s3a.DefaultS3ClientFactory"
ROWS = 20_000
LINES = 50_000


def settings(reader: Reader) -> dict[str, str]:
    """What docs/clients.md tells to set, but for the line that turns ours on."""
    return {
        "fs.s3a.endpoint": reader.url,
        "fs.s3a.endpoint.region": "us-east-1",
        "fs.s3a.path.style.access": "true",
        "fs.s3a.access.key": reader.key_id,
        "fs.s3a.secret.key": reader.secret,
    }


@pytest.fixture(scope="module")
def reader(stack: LocalStack) -> Reader:
    return Reader.of(stack)


def forget_jvm() -> None:
    """Spark's class path is that of its JVM, which outlives the sessions of other modules."""
    if gateway := SparkContext._gateway:
        gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture(scope="module")
def spark(reader: Reader) -> Iterator[SparkSession]:
    forget_jvm()
    spark = session({FACTORY: OURS, **settings(reader)})
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    yield spark
    spark.stop()


def shell(spark: SparkSession, factory: str, *arguments: str) -> str:
    """What ``hadoop fs`` prints, in Spark's JVM."""
    gateway: Any = SparkContext._gateway
    jvm: Any = spark._jvm
    conf = jvm.org.apache.hadoop.conf.Configuration(spark._jsc.hadoopConfiguration())
    conf.set(FACTORY, factory)
    conf.set("fs.s3a.impl.disable.cache", "true")
    out = jvm.java.lang.System.out
    printed = jvm.java.io.ByteArrayOutputStream()
    jvm.java.lang.System.setOut(jvm.java.io.PrintStream(printed, True, "UTF-8"))
    try:
        words = gateway.new_array(jvm.java.lang.String, len(arguments))
        for i, word in enumerate(arguments):
            words[i] = word
        assert jvm.org.apache.hadoop.fs.FsShell(conf).run(words) == 0
    finally:
        jvm.java.lang.System.setOut(out)
    return str(printed.toString("UTF-8"))


@pytest.mark.parametrize("factory", [HADOOPS, OURS])
def test_fs_shell_lists_and_reads(
    stack: LocalStack, spark: SparkSession, history: History, factory: str
) -> None:
    view = f"s3a://{history.name}.{history.first.spec}"

    listed = shell(spark, factory, "-ls", "-R", f"{view}/data").splitlines()
    log = AuditLog.of(stack)
    read = shell(spark, factory, "-cat", f"{view}/data/sub/b.txt", f"{view}/data/sp ace+100%é.txt")
    through = log.bytes_by_operation(history.name).get("GetObject", 0)

    paths = [line.split(maxsplit=7)[-1] for line in listed]
    assert f"{view}/data/sub/deep/c.txt" in paths
    assert f"{view}/data/sp ace+100%é.txt" in paths
    assert f"{view}/data/new.txt" not in paths
    assert read == (FIRST["data/sub/b.txt"] + b"odd").decode()
    assert through == (0 if factory == OURS else len(read))


@dataclass(frozen=True)
class Table:
    """Parquet and lines in a bucket that was overwritten since, by two names of one moment."""

    bucket: Bucket
    ours: str
    hadoops: str
    size: int
    lines: int


@pytest.fixture(scope="module")
def table(
    stack: LocalStack, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Table:
    bucket = Bucket.new(stack)
    bucket.enable()
    files = tmp_path_factory.mktemp("t") / "t"
    numbers = spark.range(ROWS).withColumn("text", sha2(col("id").cast("string"), 256))
    numbers.repartition(3).write.parquet(str(files))
    size = 0
    for file in files.glob("part-*.parquet"):
        bucket.s3.upload_file(str(file), bucket.name, f"t/{file.name}")
        size += file.stat().st_size
    lines = "".join(f"line {i}\n" for i in range(LINES)).encode()
    bucket.s3.put_object(Bucket=bucket.name, Key="lines.txt", Body=lines)
    gone = bucket.s3.put_object(Bucket=bucket.name, Key="gone.txt", Body=b"gone")["VersionId"]
    moment = bucket.recorded.moment()
    bucket.s3.put_object(Bucket=bucket.name, Key="t/part-broken.parquet", Body=b"no parquet")
    bucket.s3.put_object(Bucket=bucket.name, Key="lines.txt", Body=b"overwritten")
    bucket.s3.delete_object(Bucket=bucket.name, Key="gone.txt", VersionId=gone)
    bucket.indexed(bucket.recorded.moment())
    bucket.post("/labels", {"name": "then", "spec": moment.spec})
    # A label is another file system to S3A than the moment itself, so it may have another client.
    labelled = f"{bucket.name}.label-then"
    hadoop: Any = spark._jsc.hadoopConfiguration()
    hadoop.set(FACTORY.replace("fs.s3a", f"fs.s3a.bucket.{labelled}"), HADOOPS)
    ours = f"s3a://{bucket.name}.{moment.spec}"
    return Table(bucket, ours, f"s3a://{labelled}", size, len(lines))


def contents(spark: SparkSession, table: Table, view: str) -> list[Any]:
    """What Spark reads of a view: every column, one with a filter, and lines in splits."""
    rows: DataFrame = spark.read.parquet(f"{view}/t")
    spark.conf.set("spark.sql.files.maxPartitionBytes", table.lines // 5)
    text = spark.read.text(f"{view}/lines.txt")
    assert text.rdd.getNumPartitions() >= 5
    return [
        rows.selectExpr("count(*) as n", "sum(xxhash64(id, text) % 1000)").collect()[0],
        sorted(rows.where("id % 1000 = 7").select("text").collect()),
        text.selectExpr("count(*) as n", "sum(xxhash64(value) % 1000)").collect()[0],
    ]


def test_spark_reads_the_same_while_the_bytes_do_not_pass_the_proxy(
    stack: LocalStack, spark: SparkSession, table: Table
) -> None:
    log = AuditLog.of(stack)
    through_the_proxy = contents(spark, table, table.hadoops)
    passed = log.bytes_by_operation(table.bucket.name)
    log = AuditLog.of(stack)
    from_s3 = contents(spark, table, table.ours)
    past = log.bytes_by_operation(table.bucket.name)

    assert from_s3 == through_the_proxy
    assert (from_s3[0]["n"], len(from_s3[1]), from_s3[2]["n"]) == (ROWS, ROWS // 1000, LINES)
    assert passed["GetObject"] > table.size + table.lines
    assert "PresignObjects" not in passed
    assert "GetObject" not in past
    assert 0 < past["PresignObjects"] < 20_000


def vectored(jvm: Any, file: Any, *ranges: tuple[int, int]) -> list[str]:
    """What a file has at some offsets, in so many bytes, read at once."""
    of = jvm.java.lang.Class.forName
    buffer = of("java.nio.ByteBuffer")
    invoke = jvm.java.lang.invoke
    allocate = invoke.MethodHandleProxies.asInterfaceInstance(
        of("java.util.function.IntFunction"),
        invoke.MethodHandles.publicLookup().findStatic(
            buffer, "allocate", invoke.MethodType.methodType(buffer, jvm.java.lang.Integer.TYPE)
        ),
    )
    asked = jvm.java.util.ArrayList()
    for offset, length in ranges:
        asked.add(jvm.org.apache.hadoop.fs.FileRange.createFileRange(offset, length))
    file.readVectored(asked, allocate)
    utf_8 = jvm.java.nio.charset.StandardCharsets.UTF_8
    return [str(utf_8.decode(each.getData().get()).toString()) for each in asked]


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("classic", "S3AInputStream"),
        ("prefetch", "S3APrefetchingInputStream"),
        ("analytics", "AnalyticsStream"),
    ],
)
def test_every_stream_of_s3a_reads_past_the_proxy(
    stack: LocalStack, spark: SparkSession, table: Table, stream: str, kind: str
) -> None:
    jvm: Any = spark._jvm
    conf = jvm.org.apache.hadoop.conf.Configuration(spark._jsc.hadoopConfiguration())
    conf.set("fs.s3a.input.stream.type", stream)
    log = AuditLog.of(stack)
    root = jvm.org.apache.hadoop.fs.Path(f"{table.ours}/lines.txt")

    files = jvm.org.apache.hadoop.fs.FileSystem.newInstance(root.toUri(), conf)
    with_seeks = files.open(root)
    assert with_seeks.getWrappedStream().getClass().getSimpleName() == kind
    with_seeks.seek(table.lines - 5)
    last = jvm.org.apache.hadoop.io.IOUtils.readFullyToByteArray(with_seeks)
    at_once = vectored(jvm, with_seeks, (0, 7), (table.lines - 5, 4))
    with_seeks.close()
    files.close()

    assert bytes(last) == b"9999\n"
    assert at_once == ["line 0\n", "9999"]
    assert "GetObject" not in log.bytes_by_operation(table.bucket.name)


def test_what_cannot_be_read_or_written_is_refused_clearly(
    spark: SparkSession, table: Table
) -> None:
    jvm: Any = spark._jvm
    root = jvm.org.apache.hadoop.fs.Path(table.ours)
    files = root.getFileSystem(spark._jsc.hadoopConfiguration())

    def refused(act: Any) -> str:
        with pytest.raises(Py4JJavaError) as error:
            act()
        return str(error.value.java_exception.toString())

    def path(key: str) -> Any:
        return jvm.org.apache.hadoop.fs.Path(root, key)

    assert "java.io.FileNotFoundException" in refused(lambda: files.open(path("none")))
    [listed] = files.globStatus(path("gone.*"))
    opened = files.openFile(listed.getPath()).withFileStatus(listed).build().get()
    gone = refused(opened.read)
    assert "permanently removed" in gone
    written = refused(lambda: files.create(path("new.txt")).close())
    assert "AccessDeniedException" in written and "read-only" in written


def test_a_store_that_checks_signatures_answers_urls(
    stack: LocalStack, spark: SparkSession, tmp_path: Path
) -> None:
    with other_store(stack, tmp_path) as (server, store, name):
        api = Api(stack.token_api, stack.session(), token_of(stack))
        s3 = server.s3()
        s3.create_bucket(Bucket=name)
        written = {"null version.txt": b"first", "a b+c/ä€%20.txt": b"second" * 1000}
        for key, body in written.items():
            s3.put_object(Bucket=name, Key=key, Body=body)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        api.post("/v1/buckets", {"name": name, **store.registration})
        store.notify(s3, name)
        bucket = Bucket(RecordedBucket(s3, name), api)
        bucket.enable()
        moment = bucket.recorded.moment()
        bucket.indexed(moment)
        log = AuditLog.of(stack)

        view = f"s3a://{name}.{moment.spec}"
        read = {key: shell(spark, OURS, "-cat", f"{view}/{key}").encode() for key in written}

        assert read == written
        assert "GetObject" not in log.bytes_by_operation(name)
