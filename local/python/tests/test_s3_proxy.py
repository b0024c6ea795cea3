"""A bucket as it was, read by programs that know nothing of Snapslice: boto3 and the AWS CLI."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from readers import Reader, code, listed
from registered import Bucket, eventually
from second_proxy import second_proxy
from snapslice_local.recorded_bucket import Moment, slice_of
from snapslice_local.rest import LocalStack
from test_whole_path import write_and_look

if TYPE_CHECKING:
    pass


@pytest.fixture(scope="module")
def history(stack: LocalStack) -> tuple[Bucket, list[Moment]]:
    """A bucket with some of everything in its past."""
    bucket = Bucket.new(stack)
    bucket.enable()
    moments = write_and_look(bucket.recorded)
    bucket.indexed(moments[-1])
    return bucket, moments


def test_lists_and_reads_every_moment_byte_for_byte(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, moments = history
    s3 = Reader.of(stack).s3()

    for moment in moments:
        view = f"{bucket.name}.{moment.spec}"
        sizes = {key: len(written.body or b"") for key, written in moment.objects.items()}
        assert listed(s3, view) == sizes
        for key, written in moment.objects.items():
            removed = any(
                gone.removed and gone.version_id == written.version_id
                for gone in bucket.recorded.history[key]
            )
            if not removed:
                answer = s3.get_object(Bucket=view, Key=key)
                assert answer["Body"].read() == written.body
                assert answer["VersionId"] == written.version_id


def test_serves_a_slice_and_nothing_else_of_the_bucket(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (first, _, third) = history
    s3 = Reader.of(stack).s3()
    view = f"{bucket.name}.{first.spec}-{third.spec}"

    arrived = slice_of(first, third)
    assert listed(s3, view).keys() == arrived.keys()
    untouched = next(key for key in third.objects if key not in arrived)
    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket=view, Key=untouched)
    assert code(missing) == "NoSuchKey"


@pytest.mark.usefixtures("names_below_localhost")
def test_takes_the_moment_from_the_host_and_from_the_path_too(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (first, *_) = history
    reader = Reader.of(stack)
    port = stack.proxy.rsplit(":", 1)[1]
    sizes = {key: len(written.body or b"") for key, written in first.objects.items()}

    in_host = reader.s3(f"http://{first.spec}.localhost:{port}")
    in_path = reader.s3(f"{stack.proxy}/{first.spec}")
    by_host = reader.s3(style="virtual")

    assert listed(in_host, bucket.name) == sizes
    assert listed(in_path, bucket.name) == sizes
    assert listed(by_host, f"{bucket.name}.{first.spec}") == sizes


def test_says_of_a_version_that_is_gone_that_it_was_purged(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (_, second, _) = history

    with pytest.raises(ClientError) as gone:
        Reader.of(stack).s3().get_object(Bucket=f"{bucket.name}.{second.spec}", Key="plain/1")

    assert code(gone) == "ObjectVersionPurged"


def test_reads_ranges_and_judges_conditions(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (first, *_) = history
    s3 = Reader.of(stack).s3()
    view = f"{bucket.name}.{first.spec}"
    head = s3.head_object(Bucket=view, Key="plain/large")

    part = s3.get_object(Bucket=view, Key="plain/large", Range="bytes=-3")
    assert (part["Body"].read(), part["ResponseMetadata"]["HTTPStatusCode"]) == (b"end", 206)
    with pytest.raises(ClientError) as unchanged:
        s3.get_object(Bucket=view, Key="plain/large", IfNoneMatch=head["ETag"])
    assert unchanged.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    with pytest.raises(ClientError) as changed:
        s3.get_object(Bucket=view, Key="plain/large", IfMatch='"other"')
    assert code(changed) == "PreconditionFailed"
    with pytest.raises(ClientError) as outside:
        s3.get_object(Bucket=view, Key="plain/1", Range="bytes=100-")
    assert code(outside) == "InvalidRange"


def test_lists_the_versions_that_there_were(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (first, second, _) = history
    s3 = Reader.of(stack).s3()

    def versions(view: str, **request: Any) -> list[tuple[str, str, bool]]:
        pages = s3.get_paginator("list_object_versions").paginate(
            Bucket=f"{bucket.name}.{view}", PaginationConfig={"PageSize": 2}, **request
        )
        return sorted(
            (entry["Key"], entry["VersionId"], entry["IsLatest"])
            for page in pages
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        )

    then = [(key, each.version_id, True) for key, each in first.objects.items()]
    assert versions(first.spec) == sorted(then)
    one, two = bucket.recorded.history["plain/1"][:2]
    assert versions(second.spec, Prefix="plain/1") == sorted(
        [("plain/1", one.version_id, False), ("plain/1", two.version_id, True)]
    )
    rolled = s3.list_object_versions(Bucket=f"{bucket.name}.{first.spec}", Delimiter="/")
    assert "plain/" in [each["Prefix"] for each in rolled["CommonPrefixes"]]


def test_reads_the_present_without_a_spec_and_refuses_to_write(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (*_, third) = history
    s3 = Reader.of(stack).s3()

    assert listed(s3, bucket.name).keys() == third.objects.keys()
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket.name, Key="plain/1", Body=b"new")
    assert code(refused) == "AccessDenied"
    with pytest.raises(ClientError) as unsupported:
        s3.get_bucket_acl(Bucket=bucket.name)
    assert code(unsupported) == "NotImplemented"


def test_tells_the_attributes_of_the_version_that_was_there(
    stack: LocalStack, bucket: Bucket
) -> None:
    bucket.enable()
    put = bucket.s3.put_object(Bucket=bucket.name, Key="k", Body=b"one", ChecksumAlgorithm="SHA256")
    moment = bucket.recorded.moment()
    bucket.s3.put_object(Bucket=bucket.name, Key="k", Body=b"one and two")
    bucket.indexed(moment)

    told = (
        Reader.of(stack)
        .s3()
        .get_object_attributes(
            Bucket=f"{bucket.name}.{moment.spec}",
            Key="k",
            ObjectAttributes=["ETag", "ObjectSize", "Checksum", "StorageClass"],
        )
    )

    assert told["ObjectSize"] == 3
    assert told["ETag"] == put["ETag"].strip('"')
    assert told["Checksum"]["ChecksumSHA256"] == put["ChecksumSHA256"]
    assert told["VersionId"] == put["VersionId"]


def test_reads_what_is_known_where_nobody_wants_to_wait(stack: LocalStack, bucket: Bucket) -> None:
    bucket.enable()
    bucket.s3.put_object(Bucket=bucket.name, Key="k", Body=b"one")
    bucket.indexed(bucket.recorded.moment())
    s3 = Reader.of(stack).s3()
    bucket.api.call("PATCH", f"/v1/buckets/{bucket.name}", {"latestKnown": True})
    eventually(lambda: bucket.get()["latestKnown"], bucket.get)
    time.sleep(2)  # as long as the proxy remembers a bucket

    soon = datetime.now(UTC) + timedelta(seconds=12)
    began = time.monotonic()
    page = s3.list_objects_v2(Bucket=f"{bucket.name}.tm{soon:%Y%m%d%H%M%S}")

    assert [entry["Key"] for entry in page["Contents"]] == ["k"]
    assert time.monotonic() - began < 4
    headers = page["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-snapslice-indexed-through"] < headers["x-snapslice-as-of"]


def test_lists_buckets_in_pages_and_by_prefix(stack: LocalStack) -> None:
    names = sorted(Bucket.new(stack).name for _ in range(3))
    s3 = Reader.of(stack).s3()

    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1})
    seen = [each["Name"] for page in pages for each in page["Buckets"]]
    assert set(names) <= set(seen)
    assert seen == sorted(set(seen))
    named = s3.list_buckets(Prefix=names[1])
    assert [each["Name"] for each in named["Buckets"]] == [names[1]]
    assert named["Prefix"] == names[1]
    assert s3.list_buckets(BucketRegion="eu-north-1")["Buckets"] == []
    with pytest.raises(ClientError) as refused:
        s3.list_buckets(ContinuationToken="none of ours")
    assert code(refused) == "InvalidArgument"


def test_shows_labels_as_buckets_where_that_is_configured(
    stack: LocalStack, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.enable()
    bucket.s3.put_object(Bucket=bucket.name, Key="k", Body=b"one")
    moment = bucket.recorded.moment()
    bucket.indexed(moment)
    bucket.post("/labels", {"name": "first", "spec": moment.spec})
    reader = Reader.of(stack)
    label = f"{bucket.name}.label-first"

    with second_proxy(
        stack, tmp_path / "proxy.log", SNAPSLICE_PROXY_LABELS_AS_BUCKETS="true"
    ) as proxy:
        shown = reader.s3(proxy.url).list_buckets(Prefix=bucket.name)["Buckets"]
        assert [each["Name"] for each in shown] == [bucket.name, label]
        assert listed(reader.s3(proxy.url), label) == {"k": 3}


def test_lets_nobody_see_more_than_the_key_allows(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (*_, third) = history
    mine = Reader.of(stack, buckets=[bucket.name], prefix="plain/").s3()
    view = f"{bucket.name}.{third.spec}"

    top = mine.list_objects_v2(Bucket=view, Delimiter="/")
    assert [each["Prefix"] for each in top["CommonPrefixes"]] == ["plain/"]
    assert listed(mine, view).keys() == {key for key in third.objects if key.startswith("plain/")}
    assert [each["Name"] for each in mine.list_buckets()["Buckets"]] == [bucket.name]
    hidden = next(key for key in third.objects if not key.startswith("plain/"))
    with pytest.raises(ClientError) as refused:
        mine.get_object(Bucket=view, Key=hidden)
    assert code(refused) == "AccessDenied"
    # An overwritten key outside of the prefix as the marker: its other version stays unseen.
    bare = Reader.of(stack, buckets=[bucket.name], prefix="plain/2").s3()
    newest = bucket.recorded.history["plain/3"][-1]
    after = bare.list_object_versions(
        Bucket=view, KeyMarker="plain/3", VersionIdMarker=newest.version_id
    )
    assert "Versions" not in after


def test_refuses_a_label_of_keys_that_are_not_the_readers(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, (first, *_) = history
    bucket.post("/labels", {"name": "odd", "spec": first.spec, "prefix": "a"})
    view = f"{bucket.name}.label-odd"

    everything = Reader.of(stack).s3()
    keys = {key for key in first.objects if key.startswith("a")}
    assert listed(everything, view).keys() == keys
    with pytest.raises(ClientError) as refused:
        listed(Reader.of(stack, prefix="plain/").s3(), view)
    assert code(refused) == "AccessDenied"


def test_refuses_a_wrong_secret_and_the_nameless(
    stack: LocalStack, history: tuple[Bucket, list[Moment]]
) -> None:
    bucket, _ = history
    reader = Reader.of(stack)

    with pytest.raises(ClientError) as forged:
        Reader(reader.url, reader.key_id, "wrong").s3().list_objects_v2(Bucket=bucket.name)
    assert code(forged) == "SignatureDoesNotMatch"
    with pytest.raises(ClientError) as unknown:
        Reader(reader.url, "A" * 20, "wrong").s3().list_objects_v2(Bucket=bucket.name)
    assert code(unknown) == "InvalidAccessKeyId"


def test_answers_the_aws_cli(
    stack: LocalStack, history: tuple[Bucket, list[Moment]], tmp_path: Path
) -> None:
    bucket, (first, *_) = history
    reader = Reader.of(stack)
    view = f"s3://{bucket.name}.{first.spec}"

    listing = reader.aws("s3", "ls", "--recursive", f"{view}/plain/")
    reader.aws("s3", "cp", f"{view}/plain/2", str(tmp_path / "2"))
    reader.aws("s3", "sync", f"{view}/plain/", str(tmp_path / "all"))

    plain = {key: each.body for key, each in first.objects.items() if key.startswith("plain/")}
    assert {line.split()[-1] for line in listing.splitlines()} == plain.keys()
    assert (tmp_path / "2").read_bytes() == plain["plain/2"]
    synced = {f"plain/{file.name}": file.read_bytes() for file in (tmp_path / "all").iterdir()}
    assert synced == plain
