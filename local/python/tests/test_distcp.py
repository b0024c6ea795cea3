"""What changed between two moments of a bucket, brought to a real HDFS by Hadoop's DistCp."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from conftest import History
from hadoop_client import Hadoop
from ports import free_port, wait_for
from snapslice_local.rest import ROOT, LocalStack
from snapslice_local.welcome import token_of

DISTCP = "org.apache.hadoop.tools.DistCp"
ADMIN = "org.apache.hadoop.hdfs.tools.DFSAdmin"
NAME_NODE = "org.apache.hadoop.hdfs.server.namenode.NameNode"
DATA_NODE = "org.apache.hadoop.hdfs.server.datanode.DataNode"


@contextmanager
def real_hdfs(user: str, folder: Path) -> Iterator[Hadoop]:
    """Run a name node and a data node, and yield a client of theirs."""
    where = f"localhost:{free_port()}"
    settings = {
        "fs.defaultFS": f"hdfs://{where}",
        "hadoop.tmp.dir": str(folder / "hdfs"),
        "dfs.permissions.enabled": "false",
        "dfs.replication": "1",
        "dfs.namenode.safemode.min.datanodes": "1",
        "dfs.namenode.http-address": "localhost:0",
        **{f"dfs.datanode.{name}address": "localhost:0" for name in ("", "http.", "ipc.")},
    }
    properties = "".join(
        f"<property><name>{name}</name><value>{value}</value></property>"
        for name, value in settings.items()
    )
    for name in ("core-site.xml", "hdfs-site.xml"):
        (folder / name).write_text(f"<configuration>{properties}</configuration>")
    jars = tuple((ROOT / "local/target/hadoop").glob("*.jar"))
    hadoop = Hadoop(user, first=(folder, *jars))
    hadoop.done(NAME_NODE, "-format", "-nonInteractive")
    with (folder / "hdfs.log").open("wb") as log:
        nodes = [hadoop.start(NAME_NODE, log), hadoop.start(DATA_NODE, log)]
    try:
        wait_for(f"http://{where}")
        hadoop.done(ADMIN, "-safemode", "wait")
        yield hadoop
    finally:
        for node in nodes:
            node.kill()
            node.wait()


def files(hadoop: Hadoop, root: str) -> dict[str, str]:
    """Sizes by path of all files below ``root``."""
    columns = [line.split(maxsplit=7) for line in hadoop.shell("-ls", "-R", root).splitlines()]
    return {each[7].removeprefix(root): each[4] for each in columns if not each[0].startswith("d")}


def test_distcp_brings_a_copy_from_one_moment_to_the_next(
    stack: LocalStack, history: History, tmp_path: Path
) -> None:
    bucket = f"webhdfs://{urlsplit(stack.proxy).netloc}/{history.name}"
    after = history.second.spec
    with real_hdfs(token_of(stack), tmp_path) as hadoop:
        hadoop.done(DISTCP, f"{bucket}/.snapshot/before", "/copy")
        assert files(hadoop, "/copy") == files(hadoop, f"{bucket}/.snapshot/before")
        hadoop.done(ADMIN, "-allowSnapshot", "/copy")
        hadoop.shell("-createSnapshot", "/copy", "before")

        hadoop.done(DISTCP, "-update", "-diff", "before", after, bucket, "/copy")

        assert files(hadoop, "/copy") == files(hadoop, f"{bucket}/.snapshot/{after}")
        assert hadoop.shell("-cat", "/copy/data/a.txt") == "one and more"
