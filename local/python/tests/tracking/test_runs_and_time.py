"""Runs know the moment of their data: whoever reads by a run reads what it has read."""

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import mlflow
import pandas
import pytest
import requests
from botocore.exceptions import ClientError
from mlflow.entities import DatasetInput, InputTag
from mlflow.exceptions import MlflowException
from readers import NOT_FOUND, Hdfs, Reader, code, listed
from registered import Bucket, eventually
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

TAG = "snapslice.snapshot_time"
UNKNOWN = "0" * 32
BURST = 20


@pytest.fixture(scope="module")
def bucket(stack: LocalStack) -> Bucket:
    bucket = Bucket.new(stack)
    bucket.enable()
    bucket.s3.put_object(Bucket=bucket.name, Key="data/stays", Body=b"as it is")
    return bucket


@pytest.fixture
def writer(bucket: Bucket) -> Iterator[None]:
    """Somebody who overwrites a key and adds others, in bursts between which ingest catches up."""
    stop = threading.Event()

    def write() -> None:
        count = 0
        while not stop.wait(0.02 if count % BURST else 2):
            count += 1
            bucket.s3.put_object(Bucket=bucket.name, Key="data/changes", Body=b"%d" % count)
            bucket.s3.put_object(Bucket=bucket.name, Key=f"data/new-{count:06}", Body=b"new")

    thread = threading.Thread(target=write)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def client(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    return mlflow.MlflowClient(tracking_uri=stack.mlflow)


@pytest.fixture
def experiment(client: mlflow.MlflowClient) -> str:
    return str(client.create_experiment(f"t-{uuid.uuid4().hex[:12]}"))


@pytest.fixture(scope="module")
def s3(stack: LocalStack) -> "S3Client":
    return Reader.of(stack).s3()


def read(s3: "S3Client", view: str, key: str) -> bytes:
    return s3.get_object(Bucket=view, Key=key)["Body"].read()


def current(bucket: Bucket) -> int:
    """What the writer wrote last."""
    return int(bucket.s3.get_object(Bucket=bucket.name, Key="data/changes")["Body"].read())


def spec_of(moment: datetime) -> str:
    return moment.strftime("tm%Y%m%d%H%M%S") + f"{moment.microsecond // 1000:03}"


def moment_of(spec: str) -> datetime:
    return datetime.strptime(spec[2:].ljust(20, "0"), "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)


@pytest.mark.usefixtures("writer")
def test_whoever_reads_by_a_run_reads_the_same_while_others_write(
    stack: LocalStack, bucket: Bucket, client: mlflow.MlflowClient, experiment: str, s3: "S3Client"
) -> None:
    eventually(lambda: "data/changes" in listed(s3, bucket.name), lambda: listed(s3, bucket.name))
    before = current(bucket)
    run = client.create_run(experiment)
    after = current(bucket)
    view = f"{bucket.name}.run-{run.info.run_id}"

    at_once = listed(s3, view)
    bytes_at_once = read(s3, view, "data/changes")
    eventually(lambda: current(bucket) > after, lambda: current(bucket))

    assert before <= int(bytes_at_once) <= after
    assert at_once["data/stays"] == 8
    assert f"data/new-{int(bytes_at_once) + 1:06}" not in at_once
    assert listed(s3, view) == at_once
    assert read(s3, view, "data/changes") == bytes_at_once
    # By all other ways, it is the same.
    spec = run.data.tags[TAG]
    assert listed(s3, f"{bucket.name}.{spec}") == at_once
    in_path = Reader.of(stack).s3(url=f"{stack.proxy}/run-{run.info.run_id}")
    assert read(in_path, bucket.name, "data/changes") == bytes_at_once
    by_rest = bucket.versions(f"run-{run.info.run_id}")
    assert by_rest == bucket.versions(spec)
    assert sorted(by_rest) == sorted(at_once)
    hdfs = Hdfs(stack.proxy, token_of(stack))
    assert {name for name, _, _ in hdfs.names(f"/{view}/data")} == {
        key.removeprefix("data/") for key in at_once
    }
    for folder in (view, f"{bucket.name}/.snapshot/run-{run.info.run_id}"):
        assert hdfs.get(f"/{folder}/data/changes", "OPEN").content == bytes_at_once
    client.delete_run(run.info.run_id)
    assert listed(s3, view) == at_once


@pytest.mark.usefixtures("names_below_localhost")
def test_a_run_is_a_host_too(
    stack: LocalStack, bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    run = client.create_run(experiment)
    port = stack.proxy.rsplit(":", 1)[1]

    by_host = Reader.of(stack).s3(url=f"http://run-{run.info.run_id}.localhost:{port}")

    assert read(by_host, bucket.name, "data/stays") == b"as it is"


def test_the_rest_api_waits_for_a_run_and_shows_it_settled(
    bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    run = client.create_run(experiment)

    shown = bucket.get(f"/snapshots/run-{run.info.run_id}/objects", prefix="data/stays")

    assert shown["settled"]
    assert shown["view"] == run.data.tags[TAG]
    labelled = bucket.post("/labels", {"name": "as-the-run", "spec": f"run-{run.info.run_id}"})
    assert labelled["view"] == run.data.tags[TAG]
    nothing = bucket.get(
        f"/slices/run-{run.info.run_id}..run-{run.info.run_id}/objects", prefix="data/stays"
    )
    assert nothing["objects"] == []


def test_a_run_may_repeat_another_by_its_moment(
    bucket: Bucket, client: mlflow.MlflowClient, experiment: str, s3: "S3Client"
) -> None:
    bucket.s3.put_object(Bucket=bucket.name, Key="once", Body=b"first")
    first = client.create_run(experiment)
    bucket.s3.put_object(Bucket=bucket.name, Key="once", Body=b"second")

    again = client.create_run(experiment, tags={TAG: first.data.tags[TAG]})
    by_clock = client.create_run(
        experiment, tags={TAG: moment_of(first.data.tags[TAG]).isoformat(), "other": "kept"}
    )

    assert read(s3, f"{bucket.name}.run-{again.info.run_id}", "once") == b"first"
    for run in (again, by_clock):
        assert client.get_run(run.info.run_id).data.tags[TAG] == first.data.tags[TAG]
    assert by_clock.data.tags["other"] == "kept"
    found = client.search_runs([experiment], f"tags.`{TAG}` = '{first.data.tags[TAG]}'")
    assert {run.info.run_id for run in found} == {
        run.info.run_id for run in (first, again, by_clock)
    }


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "",
        "tm20261131000000",
        pytest.param(spec_of(datetime.now(UTC) + timedelta(hours=1)), id="in an hour"),
    ],
)
def test_a_run_starts_at_no_moment_that_cannot_be_read_or_has_not_come(
    client: mlflow.MlflowClient, experiment: str, text: str
) -> None:
    with pytest.raises(MlflowException) as refused:
        client.create_run(experiment, tags={TAG: text})

    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_nobody_changes_the_moment_of_a_run(client: mlflow.MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment)
    clock = moment_of(run.data.tags[TAG])
    assert abs(datetime.now(UTC) - clock) < timedelta(minutes=1)

    attempts: list[Any] = [
        lambda: client.set_tag(run.info.run_id, TAG, "tm20200101000000"),
        lambda: client.delete_tag(run.info.run_id, TAG),
        lambda: client.log_batch(
            run.info.run_id, tags=[mlflow.entities.RunTag(TAG, "tm20200101000000")]
        ),
    ]
    for attempt in attempts:
        with pytest.raises(MlflowException) as refused:
            attempt()
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"

    client.set_terminated(run.info.run_id)
    assert client.get_run(run.info.run_id).data.tags[TAG] == run.data.tags[TAG]


def test_a_run_that_is_none_is_refused_in_every_protocols_words(
    stack: LocalStack, bucket: Bucket, s3: "S3Client"
) -> None:
    for name in (UNKNOWN, "abc"):
        with pytest.raises(ClientError) as refused:
            s3.list_objects_v2(Bucket=f"{bucket.name}.run-{name}")
        assert code(refused) == "NoSuchBucket"
        rest = requests.get(
            f"{stack.token_api}/v1/buckets/{bucket.name}/snapshots/run-{name}",
            headers={"authorization": f"Bearer {token_of(stack)}"},
            timeout=60,
        )
        assert rest.status_code == 404
        hdfs = Hdfs(stack.proxy, token_of(stack))
        assert hdfs.error(f"/{bucket.name}.run-{name}/data", "LISTSTATUS") == (404, NOT_FOUND)


def test_a_key_for_a_time_covers_runs_of_that_time(
    stack: LocalStack, bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    run = client.create_run(experiment)
    moment = moment_of(run.data.tags[TAG])
    within = Reader.of(stack, to=moment.isoformat()).s3()
    before = Reader.of(stack, to=(moment - timedelta(seconds=1)).isoformat()).s3()

    assert "data/stays" in listed(within, f"{bucket.name}.run-{run.info.run_id}")
    with pytest.raises(ClientError) as refused:
        listed(before, f"{bucket.name}.run-{run.info.run_id}")
    assert code(refused) == "AccessDenied"


def inputs_of(bucket: Bucket, path: str, **query: Any) -> list[dict[str, Any]]:
    """What was read, once the index has it all."""

    def settled() -> bool:
        answer = bucket.api.get(path, **query)
        return all(each["settled"] for each in answer["inputs"])

    eventually(settled, lambda: bucket.api.get(path, **query))
    found: list[dict[str, Any]] = bucket.api.pages(path, "inputs", **query)
    return found


def version_of(bucket: Bucket, key: str) -> str:
    return str(bucket.s3.head_object(Bucket=bucket.name, Key=key)["VersionId"])


def test_a_run_tells_the_exact_versions_that_it_was_told_to_have_read(
    stack: LocalStack, bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    csv = f"csv-{uuid.uuid4().hex[:8]}"
    bucket.s3.put_object(Bucket=bucket.name, Key=f"{csv}/x.csv", Body=b"a\n1\n")
    bucket.s3.put_object(Bucket=bucket.name, Key=f"{csv}/y.csv", Body=b"a\n2\n")
    read_versions = [version_of(bucket, f"{csv}/{name}.csv") for name in "xy"]
    run = client.create_run(experiment)
    spec, run_id = run.data.tags[TAG], run.info.run_id
    bucket.post("/labels", {"name": csv, "spec": f"run-{run_id}", "prefix": f"{csv}/"})
    bucket.s3.put_object(Bucket=bucket.name, Key=f"{csv}/x.csv", Body=b"a\n3\n")
    sources = {
        "by time": f"s3://{bucket.name}.{spec}/{csv}/x.csv",
        "by run": f"s3://{bucket.name}.run-{run_id}/{csv}",
        "by label": f"s3://{bucket.name}.label-{csv}/",
        "slice": f"s3://{bucket.name}.{spec}-{spec}/{csv}/x.csv",
        "in the path": f"{stack.proxy}/{bucket.name}.{spec}/{csv}/x.csv?versions",
        "in the host": f"{stack.proxy.replace('://', f'://{spec}.')}/{bucket.name}/{csv}/x.csv",
        "webhdfs": f"{stack.proxy}/webhdfs/v1/{bucket.name}.{spec}/{csv}/x.csv?op=OPEN",
        # None of ours, or none at all.
        "the present": f"s3://{bucket.name}/{csv}/x.csv",
        "other bucket": f"s3://other-{bucket.name}.{spec}/{csv}/x.csv",
        "other host": f"http://example.com/{bucket.name}.{spec}/{csv}/x.csv",
        "no label": f"s3://{bucket.name}.label-none/{csv}/x.csv",
        "no run": f"s3://{bucket.name}.run-{UNKNOWN}/x.csv",
        "future": f"s3://{bucket.name}.tm29990101000000/x.csv",
    }
    frame = pandas.DataFrame({"a": [1.0]})
    logged = [
        mlflow.data.from_pandas(frame, source=source, name=name) for name, source in sources.items()
    ]

    client.log_inputs(run_id, [DatasetInput(each._to_mlflow_entity(), []) for each in logged])

    told = {each["dataset"]: each for each in inputs_of(bucket, f"/v1/runs/{run_id}/inputs")}
    versions = {
        name: [entry["versionId"] for entry in each["objects"]] for name, each in told.items()
    }
    first = read_versions[:1]
    assert versions == {
        **{name: first for name in ("by time", "in the path", "in the host", "webhdfs")},
        **{name: read_versions for name in ("by run", "by label")},
        "slice": [],
    }
    assert told["by label"]["view"] == told["by run"]["view"] == spec
    shown = {
        each.dataset.name: {tag.key: tag.value for tag in each.tags}
        for each in client.get_run(run_id).inputs.dataset_inputs
    }
    exact = f"s3://{bucket.name}.{spec}/{csv}/x.csv"
    assert shown["in the host"] == {"snapslice.snapshot": exact}
    assert shown["slice"] == {"snapslice.slice": exact.replace(spec, f"{spec}-{spec}")}
    assert all(shown[name] == {} for name in sources if name not in told)
    shown_of_run = client.get_run(run_id).data.tags["snapslice.inputs"].split(" ")
    assert exact in shown_of_run
    assert len(shown_of_run) == 4
    with pytest.raises(MlflowException):
        client.set_tag(run_id, "snapslice.inputs", exact)
    for each in client.get_run(run_id).inputs.dataset_inputs:
        assert sources[each.dataset.name] in each.dataset.source


def test_a_version_of_a_model_tells_what_it_was_trained_on(
    bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    bucket.s3.put_object(Bucket=bucket.name, Key="train.csv", Body=b"a\n1\n")
    trained_on = version_of(bucket, "train.csv")
    run = client.create_run(experiment)
    bucket.s3.put_object(Bucket=bucket.name, Key="train.csv", Body=b"a\n2\n")
    table = mlflow.data.from_pandas(
        pandas.DataFrame({"a": [1.0]}),
        source=f"s3://{bucket.name}.run-{run.info.run_id}/train.csv",
    )
    context = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(run.info.run_id, [DatasetInput(table._to_mlflow_entity(), context)])
    name = f"a model {uuid.uuid4().hex[:8]}"
    client.create_registered_model(name)
    made = client.create_model_version(
        name, f"runs:/{run.info.run_id}/model", run_id=run.info.run_id
    )

    told = inputs_of(bucket, "/v1/model-versions/inputs", name=name, version=str(made.version))

    assert [(each["context"], each["path"]) for each in told] == [("training", "train.csv")]
    assert [each["versionId"] for each in told[0]["objects"]] == [trained_on]


def test_nobody_else_says_what_a_run_has_read(
    bucket: Bucket, client: mlflow.MlflowClient, experiment: str
) -> None:
    run = client.create_run(experiment)
    table = mlflow.data.from_pandas(pandas.DataFrame({"a": [1.0]}), source="s3://elsewhere/x")
    lie = InputTag("snapslice.snapshot", f"s3://{bucket.name}.tm20260101000000/data/stays")

    client.log_inputs(run.info.run_id, [DatasetInput(table._to_mlflow_entity(), [lie])])

    assert client.get_run(run.info.run_id).inputs.dataset_inputs[0].tags == []
    assert bucket.api.get(f"/v1/runs/{run.info.run_id}/inputs")["inputs"] == []
