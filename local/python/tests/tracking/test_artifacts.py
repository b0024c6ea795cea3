"""Artifacts: MLflow's own clients through our front, and the same calls to MLflow's own server."""

import filecmp
import hashlib
import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlparse

import mlflow
import pytest
import requests
from google.protobuf.json_format import ParseDict
from mlflow.protos import service_pb2
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from requests_auth_aws_sigv4 import AWSSigV4
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from tracking.twins import Server, Twins

SERVED = "/api/2.0/mlflow-artifacts/artifacts"
BYTES = {
    "empty.bin": b"",
    "a b.txt": b"with a space",
    "ä/漢字 ß.json": b"{}",
    "deep/er/model.pkl": b"\x00\xff" * 1_000,
}
ATTACKS = [
    "..",
    "../../../etc/passwd",
    "a/../../b",
    "%2e%2e/b",
    "a/%2e%2e%2fb",
    "%252e%252e%252fb",
    "C:%5cwindows",
    "a%23b",
]
ABSOLUTE = ["/etc/passwd", "%2fetc%2fpasswd", "C:/windows", "file:///etc/passwd"]


@pytest.fixture
def client(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return mlflow.MlflowClient()


@pytest.fixture
def run(client: mlflow.MlflowClient) -> str:
    """A run of a new experiment."""
    experiment = client.create_experiment(f"a-{uuid.uuid4().hex[:12]}")
    return str(client.create_run(experiment).info.run_id)


def artifacts_of(client: mlflow.MlflowClient, run: str) -> Any:
    """What the client itself reads and writes a run's artifacts with."""
    return get_artifact_repository(client.get_run(run).info.artifact_uri)


def url(stack: LocalStack, client: mlflow.MlflowClient, run: str, path: str) -> str:
    """Where the proxy serves an artifact."""
    root = client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    return f"{stack.mlflow}{SERVED}/{root}/{quote(path)}"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def issue(stack: LocalStack, role: str, **limits: Any) -> dict[str, str]:
    """The header of a new token."""
    issued = stack.api().post("/v1/tokens", {"principal": role, "role": role, **limits})
    return bearer(issued["token"])


def test_what_a_client_logs_it_lists_and_loads(
    client: mlflow.MlflowClient, run: str, tmp_path: Path
) -> None:
    for name, content in BYTES.items():
        file = tmp_path / "logged" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    client.log_artifacts(run, str(tmp_path / "logged"))
    client.log_text(run, "ä text", "notes/read me.md")
    client.log_dict(run, {"a": 1}, "notes/d.json")
    client.log_artifact(run, str(tmp_path / "logged" / "empty.bin"), "copies")

    stored = artifacts_of(client, run)
    assert [(file.path, file.is_dir, file.file_size) for file in client.list_artifacts(run)] == [
        ("a b.txt", False, 12),
        ("copies", True, None),
        ("deep", True, None),
        ("empty.bin", False, None),
        ("notes", True, None),
        ("ä", True, None),
    ]
    assert [file.path for file in stored.list_artifacts("ä")] == ["ä/漢字 ß.json"]
    assert stored.list_artifacts("a b.txt") == []
    assert stored.list_artifacts("nothing") == []
    loaded = Path(stored.download_artifacts("", folder(tmp_path)))
    for name, content in BYTES.items():
        assert (loaded / name).read_bytes() == content
    assert (loaded / "notes/read me.md").read_text(encoding="utf-8") == "ä text"
    assert Path(stored.download_artifacts("notes/d.json")).read_text(encoding="utf-8") == (
        '{\n  "a": 1\n}'
    )


def test_20_mb_go_there_and_back(
    client: mlflow.MlflowClient, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(20_000_000))
    client.log_artifact(run, str(file))

    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "false")
    loaded = artifacts_of(client, run).download_artifacts("large.bin", folder(tmp_path))
    assert digest(Path(loaded)) == digest(file)


def test_what_is_larger_goes_to_s3_in_parts(
    client: mlflow.MlflowClient, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(20 << 20))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(6 << 20))
    file = tmp_path / "larger ä.bin"
    file.write_bytes(os.urandom(25_000_000))
    client.log_artifact(run, str(file), "models")

    stored = artifacts_of(client, run)
    [found] = stored.list_artifacts("models")
    loaded = stored.download_artifacts("models/larger ä.bin", folder(tmp_path))
    assert (found.path, found.file_size) == ("models/larger ä.bin", 25_000_000)
    assert digest(Path(loaded)) == digest(file)


def test_600_mb_go_there_and_back_as_the_client_cuts_them(
    stack: LocalStack, client: mlflow.MlflowClient, run: str, tmp_path: Path
) -> None:
    file = tmp_path / "model.bin"
    with file.open("wb") as written:
        # Mostly holes, with a mark in each of the client's parts.
        for part in range(60):
            written.seek(part * 10_000_000)
            written.write(b"part %d" % part)
        written.truncate(600_000_000)
    before = memory(stack)

    client.log_artifact(run, str(file))
    loaded = artifacts_of(client, run).download_artifacts("model.bin", folder(tmp_path))

    assert filecmp.cmp(file, loaded, shallow=False)
    assert client.list_artifacts(run)[0].file_size == 600_000_000
    assert unfinished(stack) == []
    assert memory(stack) < before + 200_000_000


def memory(stack: LocalStack) -> int:
    """The most that the process with all our parts has ever held, in bytes."""
    [kept] = [
        (process / "status").read_text()
        for process in Path("/proc").glob("[0-9]*")
        if f"--state\0{stack.state}\0".encode() in (process / "cmdline").read_bytes()
    ]
    return int(kept.split("VmHWM:")[1].split()[0]) * 1024


def folder(tmp_path: Path) -> str:
    made = tmp_path / "loaded"
    made.mkdir()
    return str(made)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_artifacts_are_deleted_and_nothing_beside_them(
    client: mlflow.MlflowClient, run: str
) -> None:
    for name in ("a/b.txt", "a/c/d.txt", "ab.txt"):
        client.log_text(run, "x", name)
    repository = artifacts_of(client, run)
    repository.delete_artifacts("a")
    assert [file.path for file in client.list_artifacts(run)] == ["ab.txt"]

    repository.delete_artifacts()
    repository.delete_artifacts("gone")
    assert client.list_artifacts(run) == []


def test_the_proxy_sends_ranges_and_files_to_be_saved(
    stack: LocalStack, client: mlflow.MlflowClient, run: str
) -> None:
    client.log_text(run, "<script>0123456789</script>", "page ä.html")
    at, headers = url(stack, client, run, "page ä.html"), bearer(token_of(stack))

    whole = requests.get(at, headers=headers, timeout=10)
    part = requests.get(at, headers={**headers, "range": "bytes=8-17"}, timeout=10)
    head = requests.head(at, headers=headers, timeout=10)
    known = requests.get(
        at, headers={**headers, "if-none-match": whole.headers["etag"]}, timeout=10
    )
    beyond = requests.get(at, headers={**headers, "range": "bytes=99-"}, timeout=10)

    assert whole.headers["content-disposition"] == "attachment; filename*=UTF-8''page%20%C3%A4.html"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert (part.status_code, part.content) == (206, b"0123456789")
    assert part.headers["content-range"] == "bytes 8-17/27"
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "27", b"")
    assert (known.status_code, beyond.status_code) == (304, 416)


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 1_000_000


def test_a_body_of_unknown_length_is_stored(
    stack: LocalStack, client: mlflow.MlflowClient, run: str
) -> None:
    at, headers = url(stack, client, run, "chunked"), bearer(token_of(stack))

    assert requests.put(at, data=chunks(20), headers=headers, timeout=60).json() == {}
    assert requests.put(at + "0", data=chunks(0), headers=headers, timeout=60).json() == {}

    found = [(file.path, file.file_size) for file in client.list_artifacts(run)]
    assert found == [("chunked", 20_000_000), ("chunked0", None)]


@pytest.mark.parametrize(
    "sent",
    ["Content-Length: 9000000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
)
def test_what_breaks_off_is_never_seen(
    stack: LocalStack, client: mlflow.MlflowClient, run: str, sent: str
) -> None:
    client.log_text(run, "whole", "a.txt")
    at = urlparse(url(stack, client, run, "a.txt").replace(stack.mlflow, stack.proxy))
    head = f"PUT {at.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token_of(stack)}\r\n"
    with socket.create_connection((at.hostname, at.port), timeout=10) as connection:
        connection.sendall((head + sent).encode())
        time.sleep(0.3)

    time.sleep(0.5)
    loaded = artifacts_of(client, run).download_artifacts("a.txt")
    assert Path(loaded).read_text(encoding="utf-8") == "whole"
    assert unfinished(stack) == []


def unfinished(stack: LocalStack) -> list[Any]:
    """Uploads in parts that were neither completed nor aborted."""
    s3 = stack.session().client("s3", endpoint_url=stack.aws)
    uploads = s3.list_multipart_uploads(Bucket=stack.outputs["ArtifactBucket"])
    return list(uploads.get("Uploads", []))


def test_the_ui_is_sent_to_s3(stack: LocalStack, client: mlflow.MlflowClient, run: str) -> None:
    client.log_text(run, "<b>", "a/page.html")
    asked = {"run_uuid": run, "path": "a/page.html"}
    headers = bearer(token_of(stack))

    answer = requests.get(
        f"{stack.mlflow}/get-artifact",
        params=asked,
        headers=headers,
        allow_redirects=False,
        timeout=10,
    )
    loaded = requests.get(answer.headers["location"], timeout=10)

    assert answer.status_code == 302
    assert (loaded.text, loaded.headers["content-type"]) == ("<b>", "text/html")
    assert loaded.headers["content-disposition"] == 'attachment; filename="page.html"'


def test_the_ui_adds_an_artifact(
    stack: LocalStack, client: mlflow.MlflowClient, run: str, twins: Twins
) -> None:
    at = f"{stack.mlflow}/ajax-api/2.0/mlflow/upload-artifact"
    asked, headers = {"run_uuid": run, "path": "a/b.txt"}, bearer(token_of(stack))

    assert requests.post(at, params=asked, data=b"added", headers=headers, timeout=10).ok
    loaded = artifacts_of(client, run).download_artifacts("a/b.txt")
    assert Path(loaded).read_bytes() == b"added"
    for query in ("", "?run_uuid=r", "?run_uuid=r&path=..", "?run_uuid=none&path=a"):
        twins.call("POST", f"/ajax-api/2.0/mlflow/upload-artifact{query}")


@pytest.mark.parametrize("path", [*ATTACKS, "a%5c..%5cb"])
def test_no_path_leads_out(
    stack: LocalStack, client: mlflow.MlflowClient, run: str, path: str
) -> None:
    root = client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    headers = bearer(token_of(stack))
    base = f"{stack.mlflow}/api/2.0"
    for method, where in (
        ("GET", f"{SERVED[8:]}/{root}/{path}"),
        ("PUT", f"{SERVED[8:]}/{root}/{path}"),
        ("DELETE", f"{SERVED[8:]}/{root}/{path}"),
        ("GET", f"{SERVED[8:]}?path={root}/{path}"),
        ("GET", f"/mlflow-artifacts/presigned/{root}/{path}"),
        ("GET", f"/mlflow/artifacts/list?run_id={run}&path={path}"),
        ("GET", f"{'/..' * 2}/get-artifact?run_id={run}&path={path}"),
    ):
        # The library of requests would resolve dots by itself.
        request = requests.Request(method, base, headers=headers).prepare()
        request.url = (base + where).replace("/api/2.0/../..", "")
        with requests.Session() as session:
            answer = session.send(request, timeout=10, allow_redirects=False)
        assert answer.status_code == 400, f"{method} {where}: {answer.status_code} {answer.text}"
        assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("operation", ["create", "complete", "abort"])
@pytest.mark.parametrize("folder", ["x", "", "1/2"])
def test_parts_belong_to_a_run(ours: Server, operation: str, folder: str) -> None:
    message = {"path": "..", "upload_id": "u", "parts": [{"part_number": 1, "etag": "e"}]}
    for name in ("..", "a", "/tmp/a"):
        status, answer = ours.call(
            "POST",
            f"/api/2.0/mlflow-artifacts/mpu/{operation}/{folder}",
            {**message, "path": name},
        )
        assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_what_belongs_to_no_run_stays(stack: LocalStack, run: str) -> None:
    headers = bearer(token_of(stack))
    for path in ("1", "1/2", "a.txt", "1/artifacts/a"):
        at = f"{stack.mlflow}{SERVED}/{path}"
        for method in ("DELETE", "PUT"):
            answer = requests.request(method, at, data=b"x", headers=headers, timeout=10)
            assert (answer.status_code, answer.json()["error_code"]) == (
                400,
                "INVALID_PARAMETER_VALUE",
            )


def test_roles_hold_at_the_proxy(stack: LocalStack, client: mlflow.MlflowClient, run: str) -> None:
    client.log_text(run, "x", "a.txt")
    at = url(stack, client, run, "a.txt")
    reader = issue(stack, "reader")
    writer = issue(stack, "writer")
    limited = issue(stack, "writer", buckets=["films"])
    basic = requests.auth.HTTPBasicAuth("anybody", token_of(stack))
    large = b"x" * 5_000_000

    def codes(headers: dict[str, str]) -> list[int]:
        return [
            requests.request(method, at, headers=headers, data=data, timeout=10).status_code
            for method, data in (("GET", None), ("PUT", large), ("DELETE", None))
        ]

    assert codes(reader) == [200, 403, 403]
    assert codes(limited) == [403, 403, 403]
    assert codes(bearer("snt_none")) == [401, 401, 401]
    assert codes({}) == [401, 401, 401]
    assert requests.get(at, auth=basic, timeout=10).text == "x"
    direct = at.replace(stack.mlflow, stack.proxy)
    assert requests.put(direct, headers=reader, data=large * 6, timeout=10).status_code == 403
    assert codes(writer) == [200, 200, 200]
    refused = requests.get(at, timeout=10)
    assert refused.json()["error_code"] == "UNAUTHENTICATED"
    assert (
        requests.post(at, headers=writer, timeout=10).json()["error_code"] == "ENDPOINT_NOT_FOUND"
    )


def test_a_reader_writes_nothing_by_signed_urls(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    reader = issue(stack, "reader")["authorization"].removeprefix("Bearer ")
    status, answer = Server(stack.mlflow, reader).call(
        "POST", "/api/2.0/mlflow-artifacts/mpu/create/1/r/artifacts", {"path": "a", "num_parts": 1}
    )
    assert (status, answer["error_code"]) == (403, "PERMISSION_DENIED")


def test_artifacts_elsewhere_are_left_alone(ours: Server, client: mlflow.MlflowClient) -> None:
    for location in ("s3://films/private", "/etc", "file:///etc", "gs://a/b"):
        experiment = client.create_experiment(uuid.uuid4().hex, artifact_location=location)
        run = client.create_run(experiment).info.run_id
        status, answer = ours.call("GET", "artifacts/list", {"run_id": run})
        assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        assert "which this server does not read" in answer["message"]


def test_a_client_stores_by_itself_what_lies_in_our_bucket(
    stack: LocalStack, ours: Server, client: mlflow.MlflowClient
) -> None:
    location = f"s3://{stack.outputs['ArtifactBucket']}/own/{uuid.uuid4().hex}"
    experiment = client.create_experiment(uuid.uuid4().hex, artifact_location=location)
    run = client.create_run(experiment).info.run_id
    model = client.create_logged_model(experiment).model_id

    for of in ({"run_id": run}, {"model_id": model}):
        status, upload = ours.call(
            "POST", "artifacts/presigned-upload-url", {**of, "path": "a b/ä.txt"}
        )
        assert (status, upload["headers"]) == (200, {"Content-Type": "text/plain"})
        stored = requests.put(
            upload["presigned_url"], data=b"by itself", headers=upload["headers"], timeout=10
        )
        assert stored.status_code == 200
    _, download = ours.call(
        "POST", "artifacts/presigned-download-url", {"run_id": run, "path": "a b/ä.txt"}
    )
    assert requests.get(download["presigned_url"], timeout=10).content == b"by itself"
    _, listed = ours.call(
        "GET", f"logged-models/{model}/artifacts/directories", {"artifact_directory_path": "a b"}
    )
    assert [file["path"] for file in listed["files"]] == ["a b/ä.txt"]


def test_who_signs_for_iam_logs_what_lambda_takes(
    stack: LocalStack, client: mlflow.MlflowClient, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the stock client, which cannot sign files."""
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
    at = url(stack, client, run, "signed.txt").replace(stack.mlflow, stack.signed_mlflow)
    signed = AWSSigV4("execute-api")

    assert requests.put(at, data=b"signed", auth=signed, timeout=10).json() == {}
    assert requests.get(at, auth=signed, timeout=10).text == "signed"
    # More than the function takes, and no more than Lambda does.
    binary = {"content-type": "application/octet-stream"}
    refused = requests.put(
        at, data=bytes(4_300_000), headers=binary, auth=signed, timeout=10
    ).json()
    assert refused["error_code"] == "INVALID_PARAMETER_VALUE"
    assert "artifact_location of your own (s3://" in refused["message"]
    assert requests.delete(at, auth=signed, timeout=10).json() == {}
    assert requests.get(at, auth=signed, timeout=10).status_code == 404


def put(twins: Twins, run: str, path: str, content: bytes) -> None:
    """Stores an artifact of a run with both."""
    for side, server in enumerate((twins.ours, twins.theirs)):
        _, answer = server.call("GET", "runs/get", {"run_id": twins.names[run][side]})
        root = answer["run"]["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
        headers = bearer(server.token) if server.token else {}
        stored = requests.put(
            f"{server.url}{SERVED}/{root}/{quote(path)}", data=content, headers=headers, timeout=10
        )
        assert stored.status_code == 200


def test_lists_are_told_as_mlflow_tells_them(twins: Twins) -> None:
    name = uuid.uuid4().hex
    twins.create("experiments/create", "<e>", ("experiment_id",), name=name)
    twins.create("runs/create", "<r>", ("run", "info", "run_id"), experiment_id="<e>")
    for path, content in BYTES.items():
        put(twins, "<r>", path, content)

    for path in ("", "ä", "deep/er", "deep/er/", "a b.txt", "nothing", "a%20b.txt", "deep%2Fer"):
        twins.call("GET", "artifacts/list", run_id="<r>", path=path)
    twins.call("GET", "artifacts/list", run_id="<r>")
    twins.call("GET", "artifacts/list", run_uuid="<r>", run_id="<r>")
    twins.call("GET", "artifacts/list", run_uuid="<r>")
    twins.call("GET", "artifacts/list", run_uuid="none")
    twins.call("GET", "artifacts/list", run_uuid="", run_id="")
    for attack in ATTACKS + ABSOLUTE:
        twins.call("GET", "artifacts/list", run_id="<r>", path=attack)
    twins.call("GET", "artifacts/list")
    twins.call("GET", "artifacts/list", run_id="none")
    twins.call("GET", "artifacts/list", run_id="none", path="..")
    twins.call("GET", "/ajax-api/2.0/mlflow/artifacts/list", run_id="<r>", path="deep")
    twins.call("POST", "artifacts/presigned-download-url", run_id="<r>", path="a b.txt")
    twins.call("POST", "artifacts/presigned-download-url", run_id="<r>", path="..")
    twins.call("POST", "artifacts/presigned-download-url", run_id="<r>")
    twins.call("POST", "artifacts/presigned-download-url", run_id="<r>", path="a", expiration=0)
    for path in ("..", "/a", "no/such/folder"):
        twins.call("GET", SERVED, path=path)
    upload = ("POST", "artifacts/presigned-upload-url")
    twins.call(*upload, run_id="<r>", path="a b.txt")
    twins.call(*upload, run_id="<r>", path="..")
    twins.call(*upload, run_id="<r>")
    twins.call(*upload, path="a")
    twins.call(*upload, run_id="<r>", model_id="m-1", path="a")
    twins.call(*upload, run_id="none", path="a")


def told_bytes(twins: Twins, path: str, /, **asked: str) -> list[tuple[int, bytes, str]]:
    """What both send a browser: ours from S3."""
    answers = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        named = {key: twins.names.get(value, (value, value))[side] for key, value in asked.items()}
        headers = bearer(server.token) if server.token else {}
        got = requests.get(server.url + path, params=named, headers=headers, timeout=10)
        kind = got.headers["content-type"].split(";")[0]
        answers.append((got.status_code, got.content, kind))
    return answers


def test_browsers_add_and_load_artifacts_alike(twins: Twins) -> None:
    name = f"a-{uuid.uuid4().hex[:12]}"
    twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
    run = f"<run of {name}>"
    twins.create("runs/create", run, ("run", "info", "run_id"), experiment_id=f"<{name}>")
    for path, content in BYTES.items():
        answers = [
            requests.post(
                f"{server.url}/ajax-api/2.0/mlflow/upload-artifact",
                params={"run_uuid": twins.names[run][side], "path": path},
                data=content,
                # As browsers do: what has no type is text to API Gateway.
                headers={**bearer(str(server.token)), "content-type": "application/octet-stream"},
                timeout=10,
            )
            for side, server in enumerate((twins.ours, twins.theirs))
        ]
        # What is empty is none; where all is well, MLflow's server says nothing.
        told = [(each.status_code, "" if each.ok else each.json()) for each in answers]
        assert told[0] == told[1]
        assert told[0][0] == (200 if content else 400)
    twins.call("GET", "artifacts/list", run_id=run)
    twins.call("GET", "artifacts/list", run_id=run, path="deep/er")
    twins.call("POST", "registered-models/create", name=name)
    for side, server in enumerate((twins.ours, twins.theirs)):
        uri = server.call("GET", "runs/get", {"run_id": twins.names[run][side]})[1]["run"]["info"]
        version = {"name": name, "source": uri["artifact_uri"], "run_id": uri["run_id"]}
        assert server.call("POST", "model-versions/create", version)[0] == 200

    for path, content in BYTES.items():
        if not content:
            continue
        for ours, theirs in (
            told_bytes(twins, "/get-artifact", run_uuid=run, path=path),
            told_bytes(twins, "/model-versions/get-artifact", name=name, version="1", path=path),
        ):
            assert ours == theirs
            assert ours[:2] == (200, content)
    for wrong in (
        {"name": name, "version": "1", "path": "../a"},
        {"name": name, "version": "x", "path": "a"},
        {"name": name, "version": "9", "path": "a"},
        {"name": "none", "version": "1", "path": "a"},
    ):
        twins.call("GET", "/model-versions/get-artifact", **wrong)


def test_signed_urls_come_in_mlflows_messages(
    stack: LocalStack, ours: Server, client: mlflow.MlflowClient
) -> None:
    location = f"s3://{stack.outputs['ArtifactBucket']}/own/{uuid.uuid4().hex}"
    experiment = client.create_experiment(uuid.uuid4().hex, artifact_location=location)
    asked = {"run_id": client.create_run(experiment).info.run_id, "path": "a/b.txt"}
    _, upload = ours.call("POST", "artifacts/presigned-upload-url", asked)
    headers = upload["headers"]
    assert requests.put(upload["presigned_url"], b"abc", headers=headers, timeout=10).ok
    _, download = ours.call("POST", "artifacts/presigned-download-url", asked)

    for answer, message in (
        (upload, service_pb2.CreatePresignedUploadUrl.Response()),
        (download, service_pb2.CreatePresignedDownloadUrl.Response()),
    ):
        # It refuses fields that MLflow does not have.
        ParseDict(answer, message)
        assert urlparse(message.presigned_url).path.endswith("/a/b.txt")
    assert set(download) <= {"presigned_url", "headers", "file_size"}


def test_the_server_says_what_it_can(twins: Twins) -> None:
    told = [
        server.call("GET", "/api/3.0/mlflow/server-info", {})[1]
        for server in (twins.ours, twins.theirs)
    ]
    by_s3 = {"multipart_uploads_enabled": True, "multipart_downloads_enabled": True}
    assert told[0] == {**told[1], **by_s3, "features_enabled": {"gateway": False}}
