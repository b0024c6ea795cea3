"""A bucket as it was, read as a file system: WebHDFS, as its document says it."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from conftest import FIRST, History
from readers import NOT_FOUND, Hdfs
from registered import Bucket
from snapslice_local.rest import Api, LocalStack
from snapslice_local.welcome import token_of

SNAPSHOT_ACCESS = "org.apache.hadoop.hdfs.protocol.SnapshotAccessControlException"
DENIED = "org.apache.hadoop.security.AccessControlException"


@pytest.fixture(scope="module")
def hdfs(stack: LocalStack) -> Hdfs:
    return Hdfs(stack.proxy, token_of(stack))


def test_lists_directories_that_keys_imply_at_each_moment(hdfs: Hdfs, history: History) -> None:
    assert hdfs.names(f"/{history.name}.{history.first.spec}/data") == [
        ("a.txt", "FILE", 3),
        ("empty", "FILE", 0),
        ("file", "FILE", 26),
        ("file-2", "FILE", 1),
        ("marked", "DIRECTORY", 0),
        ("sp ace+100%é.txt", "FILE", 3),
        ("sub", "DIRECTORY", 0),
        ("zero", "DIRECTORY", 0),
    ]
    later = hdfs.names(f"/{history.name}.{history.second.spec}/data")
    assert ("a.txt", "FILE", 12) in later and ("new.txt", "FILE", 3) in later
    assert hdfs.names(f"/{history.name}.{history.second.spec}/data/sub") == [
        ("deep", "DIRECTORY", 0)
    ]
    assert (history.name, "DIRECTORY", 0) in hdfs.names("/")
    assert hdfs.names(f"/{history.name}/data/file") == [("", "FILE", 26)]
    assert hdfs.names(f"/{history.name}/data/marked") == []


def test_tells_files_directories_and_nothing_apart(hdfs: Hdfs, history: History) -> None:
    root = f"/{history.name}.{history.first.spec}"
    kinds = {
        path: hdfs.json(root + path, "GETFILESTATUS")["FileStatus"]["type"]
        for path in (
            "",
            "/data",
            "/data/",
            "/data/a.txt",
            "/data/zero",
            "/data/empty",
            "/data/file",
        )
    }
    assert kinds == {
        "": "DIRECTORY",
        "/data": "DIRECTORY",
        "/data/": "DIRECTORY",
        "/data/a.txt": "FILE",
        "/data/zero": "DIRECTORY",
        "/data/empty": "FILE",
        "/data/file": "FILE",
    }
    status = hdfs.json(root + "/data/a.txt", "GETFILESTATUS")["FileStatus"]
    assert (status["length"], status["permission"], status["replication"]) == (3, "444", 1)
    assert hdfs.error(root + "/data/new.txt", "GETFILESTATUS") == (404, NOT_FOUND)
    assert hdfs.error(root + "/dat", "LISTSTATUS") == (404, NOT_FOUND)
    assert hdfs.error("/no-such-bucket/a", "GETFILESTATUS") == (404, NOT_FOUND)
    assert hdfs.error(f"/{history.name}.tm99/a", "GETFILESTATUS")[0] == 400


@pytest.mark.parametrize(
    ("offset", "length"), [(0, None), (1, None), (1, 5), (999, 10), (1000, None), (0, 0)]
)
def test_reads_from_any_offset(
    hdfs: Hdfs, history: History, offset: int, length: int | None
) -> None:
    more = {"offset": offset} | ({} if length is None else {"length": length})
    path = f"/{history.name}.{history.first.spec}/data/sub/b.txt"
    response = hdfs.get(path, "OPEN", **more)
    expected = FIRST["data/sub/b.txt"][offset:]
    assert response.content == (expected if length is None else expected[:length])
    assert response.history[0].status_code == 307


def test_sends_to_an_address_of_its_own_that_takes_offsets(hdfs: Hdfs, history: History) -> None:
    path = f"/{history.name}.{history.first.spec}/data/a.txt"
    sent = requests.get(
        f"{hdfs.url}/webhdfs/v1{path}",
        params={"op": "OPEN", "user.name": hdfs.token},
        allow_redirects=False,
        timeout=60,
    )
    location = sent.headers["Location"]
    assert location.startswith(hdfs.url)
    assert requests.get(location + "&offset=1", timeout=60).content == b"ne"
    changed = location.replace("data=", "data=A")
    assert requests.get(changed, timeout=60).status_code == 403
    assert requests.get(location + "&offset=4", timeout=60).status_code == 403

    url = hdfs.json(path, "OPEN", noredirect="true")["Location"]
    assert not url.startswith(hdfs.url)
    assert requests.get(url, timeout=60).content == b"one"


def test_pages_long_directories_and_counts_them(hdfs: Hdfs, stack: LocalStack) -> None:
    bucket = Bucket.new(stack)
    names = [f"f{i:05d}" for i in range(1_050)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: bucket.s3.put_object(Bucket=bucket.name, Key=f"d/{n}"), names))
    bucket.enable()

    assert [name for name, _, _ in hdfs.names(f"/{bucket.name}/d")] == names
    paged: list[str] = []
    remaining = 1
    while remaining:
        last = paged[-1] if paged else ""
        batch = hdfs.json(f"/{bucket.name}/d", "LISTSTATUS_BATCH", startAfter=last)
        listing = batch["DirectoryListing"]
        entries = listing["partialListing"]["FileStatuses"]["FileStatus"]
        paged += [each["pathSuffix"] for each in entries]
        remaining = listing["remainingEntries"]
    assert paged == names
    summary = hdfs.json(f"/{bucket.name}", "GETCONTENTSUMMARY")["ContentSummary"]
    assert (summary["fileCount"], summary["directoryCount"]) == (1_050, 2)


def test_counts_what_is_below(hdfs: Hdfs, history: History) -> None:
    path = f"/{history.name}.{history.first.spec}/data"
    summary = hdfs.json(path, "GETCONTENTSUMMARY")["ContentSummary"]
    # data, file (as the hidden key has it), marked, sub, deep, zero
    assert summary["directoryCount"] == 6
    assert summary["fileCount"] == 10
    data = {key: body for key, body in FIRST.items() if key.startswith("data/")}
    assert summary["length"] == sum(map(len, data.values()))
    usage = hdfs.json(path, "GETQUOTAUSAGE")["QuotaUsage"]
    assert usage["fileAndDirectoryCount"] == 16


def test_shows_labels_as_snapshots_and_what_changed_between(hdfs: Hdfs, history: History) -> None:
    root = f"/{history.name}"
    assert hdfs.names(f"{root}/.snapshot") == [("before", "DIRECTORY", 0)]
    assert ("a.txt", "FILE", 3) in hdfs.names(f"{root}/.snapshot/before/data")
    assert hdfs.get(f"{root}/.snapshot/{history.first.spec}/data/a.txt", "OPEN").content == b"one"
    snapshots = hdfs.json(root, "GETSNAPSHOTLIST")["SnapshotList"]
    assert [each["dirStatus"]["pathSuffix"] for each in snapshots] == ["before"]
    tops = hdfs.json("/", "GETSNAPSHOTTABLEDIRECTORYLIST")["SnapshottableDirectoryList"]
    assert history.name in [each["dirStatus"]["pathSuffix"] for each in tops]

    names = {"oldsnapshotname": "before", "snapshotname": history.second.spec}
    report = hdfs.json(root, "GETSNAPSHOTDIFF", **names)["SnapshotDiffReport"]["diffList"]
    assert [(each["type"], each["sourcePath"]) for each in report] == [
        ("MODIFY", "data/a.txt"),
        ("MODIFY", "data"),
        ("CREATE", "data/new.txt"),
        ("MODIFY", "data/sub"),
        ("DELETE", "data/sub/b.txt"),
    ]
    back = {"oldsnapshotname": history.second.spec, "snapshotname": "before"}
    reverse = hdfs.json(f"{root}/data", "GETSNAPSHOTDIFF", **back)["SnapshotDiffReport"]
    assert ("CREATE", "sub/b.txt") in [
        (each["type"], each["sourcePath"]) for each in reverse["diffList"]
    ]
    listing = hdfs.json(root, "GETSNAPSHOTDIFFLISTING", **names)["SnapshotDiffReportListing"]
    assert [each["sourcePath"] for each in listing["createList"]] == ["data/new.txt"]
    assert (listing["lastPath"], listing["lastIndex"]) == ("", -1)


def test_tells_attributes_checksums_and_blocks(hdfs: Hdfs, history: History) -> None:
    path = f"/{history.name}.{history.first.spec}/data/a.txt"
    attributes = {
        each["name"]: each["value"]
        for each in hdfs.json(path, "GETXATTRS", encoding="text")["XAttrs"]
    }
    assert attributes["user.camera"] == '"left"'
    assert "user.s3.version-id" in attributes
    one = hdfs.json(path, "GETXATTRS", **{"xattr.name": "user.camera"})["XAttrs"]
    assert one == [{"name": "user.camera", "value": "0x" + b"left".hex()}]
    assert "user.camera" in hdfs.json(path, "LISTXATTRS")["XAttrNames"]
    checksum = hdfs.json(path, "GETFILECHECKSUM")["FileChecksum"]
    assert checksum["algorithm"] == "MD5-of-0MD5-of-512CRC32C"
    blocks = hdfs.json(path, "GETFILEBLOCKLOCATIONS")["BlockLocations"]["BlockLocation"]
    assert [(each["offset"], each["length"]) for each in blocks] == [(0, 3)]
    located = hdfs.json(path, "GET_BLOCK_LOCATIONS")["LocatedBlocks"]
    assert (located["fileLength"], len(located["locatedBlocks"])) == (3, 1)


@pytest.mark.parametrize(
    "op",
    [
        "GETHOMEDIRECTORY",
        "GETTRASHROOT",
        "GETTRASHROOTS",
        "GETACLSTATUS",
        "GETSERVERDEFAULTS",
        "GETSTATUS",
        "GETALLSTORAGEPOLICY",
        "GETSTORAGEPOLICY",
        "GETECPOLICY",
        "GETECPOLICIES",
        "GETECCODECS",
        "GETFILELINKSTATUS",
        "CHECKACCESS",
    ],
)
def test_answers_what_a_file_system_of_its_kind_answers(
    hdfs: Hdfs, history: History, op: str
) -> None:
    assert hdfs.get(f"/{history.name}/data", op, fsaction="r-x").status_code == 200


def test_refuses_writes_and_what_it_does_not_know(hdfs: Hdfs, history: History) -> None:
    path = f"/{history.name}/data/a.txt"
    for method, op in (("PUT", "CREATE"), ("PUT", "MKDIRS"), ("POST", "APPEND")):
        assert hdfs.error(path, op, method) == (403, SNAPSHOT_ACCESS)
    assert hdfs.error(path, "DELETE", "DELETE") == (403, SNAPSHOT_ACCESS)
    assert hdfs.error(path, "CHECKACCESS", fsaction="rw-") == (403, DENIED)
    assert hdfs.error(path, "NONSENSE")[0] == 400
    assert hdfs.error(path, "OPEN", offset="x")[0] in (200, 400)


def ways(stack: LocalStack, hdfs: Hdfs) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Each way to say who one is: its name, parameters and headers."""
    key = stack.api().post("/v1/access-keys", {"principal": "p", "role": "reader"})
    pair = f"{key['accessKeyId']}:{key['secretAccessKey']}"
    oauth = requests.post(
        f"{hdfs.url}/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": key["accessKeyId"],
            "client_secret": key["secretAccessKey"],
        },
        timeout=60,
    ).json()
    delegation = hdfs.json("/", "GETDELEGATIONTOKEN", renewer="yarn")["Token"]["urlString"]
    yield "user name", {"user.name": hdfs.token}, {}
    yield "delegation token", {"delegation": delegation}, {}
    yield "access token", {}, {"Authorization": f"Bearer {oauth['access_token']}"}
    for name, text in (("key", pair), ("token", f"x:{hdfs.token}")):
        basic = base64.b64encode(text.encode()).decode()
        yield f"basic {name}", {}, {"Authorization": f"Basic {basic}"}


def test_knows_callers_by_what_stock_clients_send(
    stack: LocalStack, hdfs: Hdfs, history: History
) -> None:
    url = f"{hdfs.url}/webhdfs/v1/{history.name}/data/a.txt"
    for name, query, headers in ways(stack, hdfs):
        response = requests.get(url, params={"op": "OPEN", **query}, headers=headers, timeout=60)
        assert response.content == b"one and more", (name, response.text)

    for query in ({}, {"user.name": "hdfs"}, {"delegation": "AAAA"}, {"doas": "root"}):
        refused = requests.get(url, params={"op": "GETFILESTATUS", **query}, timeout=60)
        assert refused.status_code in (401, 403), query
    wrong = {"grant_type": "client_credentials", "client_id": "SNAP", "client_secret": "x"}
    assert requests.post(f"{hdfs.url}/oauth2/token", data=wrong, timeout=60).status_code == 401


def test_cancelled_delegation_tokens_end(hdfs: Hdfs, history: History) -> None:
    token = hdfs.json("/", "GETDELEGATIONTOKEN")["Token"]["urlString"]
    assert hdfs.call("PUT", "/", "RENEWDELEGATIONTOKEN", token=token).json()["long"] > 0
    url = f"{hdfs.url}/webhdfs/v1/{history.name}"
    assert hdfs.call("PUT", "/", "CANCELDELEGATIONTOKEN", token=token).status_code == 200
    query = {"op": "GETFILESTATUS", "delegation": token}
    assert requests.get(url, params=query, timeout=60).status_code == 403


def test_shows_only_what_one_may_read(stack: LocalStack, hdfs: Hdfs, history: History) -> None:
    grant = {"principal": "p", "role": "reader", "buckets": [history.name], "prefix": "data/sub/"}
    api = Api(stack.token_api, stack.session(), token_of(stack))
    scoped = Hdfs(hdfs.url, api.post("/v1/tokens", grant)["token"])
    root = f"/{history.name}.{history.first.spec}"

    assert scoped.names("/") == [(history.name, "DIRECTORY", 0)]
    assert scoped.names(root) == [("data", "DIRECTORY", 0)]
    assert scoped.names(f"{root}/data") == [("sub", "DIRECTORY", 0)]
    assert [name for name, _, _ in scoped.names(f"{root}/data/sub")] == ["b.txt", "deep"]
    assert scoped.error(f"{root}/data/a.txt", "OPEN") == (404, NOT_FOUND)
    assert scoped.error(f"{root}/other", "LISTSTATUS") == (404, NOT_FOUND)
    diff = {"oldsnapshotname": history.first.spec, "snapshotname": history.second.spec}
    assert scoped.error(f"/{history.name}", "GETSNAPSHOTDIFF", **diff) == (403, DENIED)
    assert scoped.json(f"/{history.name}/data/sub", "GETSNAPSHOTDIFF", **diff)
