"""Traces: every answer as MLflow's own server gives it."""

import base64
import gzip
import json
import uuid
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tracking.twins import Server, Twins

V3 = "/api/3.0/mlflow/traces"


@pytest.fixture
def experiment(twins: Twins) -> str:
    name = f"t-{uuid.uuid4().hex[:12]}"
    twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
    return f"<{name}>"


def new_id() -> str:
    return f"tr-{uuid.uuid4().hex}"


def info(experiment: str, trace_id: str, **more: Any) -> dict[str, Any]:
    return {
        "trace_id": trace_id,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": experiment},
        },
        "request_time": "2025-01-01T00:00:01Z",
        "state": "OK",
        **more,
    }


def start(twins: Twins, experiment: str, trace_id: str | None = None, **more: Any) -> str:
    trace_id = trace_id or new_id()
    trace = {"trace_info": info(experiment, trace_id, **more)}
    assert twins.call("POST", V3, trace=trace)[0] == 200
    return trace_id


def score(value: Any) -> dict[str, Any]:
    """What code says of a trace, as a message."""
    return {
        "assessment_id": f"a-{uuid.uuid4().hex}",
        "assessment_name": "score",
        "source": {"source_type": "CODE"},
        "create_time": "2025-01-01T00:00:00Z",
        "last_update_time": "2025-01-01T00:00:00Z",
        "feedback": {"value": value},
    }


def locations(*experiments: str) -> list[dict[str, Any]]:
    return [
        {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": each}}
        for each in experiments
    ]


def request(trace_id: str, *, parent: bytes = b"", number: int = 1) -> ExportTraceServiceRequest:
    exported = ExportTraceServiceRequest()
    resource = exported.resource_spans.add()
    for key, value in (("service.name", "shop"), ("telemetry.sdk.name", "x"), ("mlflow.a", "b")):
        resource.resource.attributes.add(key=key).value.string_value = value
    span = resource.scope_spans.add().spans.add(
        trace_id=bytes.fromhex(trace_id.removeprefix("tr-")),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent,
        name=f"span {number}",
        start_time_unix_nano=1_700_000_000_000_000_000 + number * 1_000_000,
        end_time_unix_nano=1_700_000_001_500_000_000,
    )
    span.status.code = 2
    span.status.message = "ä"
    values: list[tuple[str, dict[str, Any]]] = [
        ("mlflow.spanType", {"string_value": "TOOL"}),
        ("mlflow.spanInputs", {"kvlist_value": {"values": [{"key": "q", "value": {}}]}}),
        ("mlflow.spanOutputs", {"array_value": {"values": [{"double_value": 1.5}, {}]}}),
        ("mlflow.traceTag.team", {"string_value": "red"}),
        ("session.id", {"string_value": "s1"}),
        ("user.id", {"string_value": "u1"}),
        ("n", {"int_value": -3}),
        ("yes", {"bool_value": True}),
        ("zero", {"int_value": 0}),
        ("empty", {"array_value": {}}),
    ]
    for key, kept in values:
        ParseDict(kept, span.attributes.add(key=key).value)
    event = span.events.add(name="e", time_unix_nano=1_700_000_000_500_000_000)
    event.attributes.add(key="k").value.string_value = "v"
    link = span.links.add(trace_id=span.trace_id, span_id=(99).to_bytes(8, "big"))
    link.attributes.add(key="l").value.int_value = 7
    return exported


def export(server: Server, experiment: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    sent = {"content-type": "application/x-protobuf", "x-mlflow-experiment-id": experiment}
    if server.token:
        sent["authorization"] = f"Bearer {server.token}"
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    answer = server.session.post(server.url + "/v1/traces", data=body, headers=sent, timeout=60)
    return answer.status_code, answer.content


def export_to_both(twins: Twins, experiment: str, body: bytes, **headers: str) -> int:
    ours, theirs = (
        export(server, twins.names[experiment][side], body, **headers)
        for side, server in enumerate((twins.ours, twins.theirs))
    )
    assert ours == theirs
    return ours[0]


def test_a_trace_lives_alike(twins: Twins, experiment: str) -> None:
    more: dict[str, Any] = {
        "execution_duration": "1.500s",
        "client_request_id": "c",
        "request_preview": "ask",
        "response_preview": "told",
        "tags": {"mlflow.traceName": "n", "a": "1"},
        "trace_metadata": {"m": "1", "long": "x" * 300},
    }
    trace_id = start(twins, experiment, **more)
    start(twins, experiment, trace_id, **more)
    path = f"{V3}/{trace_id}"
    # MLflow's server answers with the tags of before.
    again = {"trace_info": info(experiment, trace_id, state="ERROR", tags={"b": "2"})}
    twins.create(V3, f"<{trace_id}>", ("trace", "trace_info", "trace_id"), trace=again)
    twins.call("GET", path)
    twins.call("PATCH", f"{path}/tags", key="k", value="v" * 9_000)
    twins.call("PATCH", f"{path}/tags", key="a*b", value="v")
    twins.call("PATCH", f"{path}/tags", key="k" * 251, value="v")
    twins.call("PATCH", f"{path}/tags", key="mlflow.trace.spansLocation", value="v")
    twins.call("PATCH", f"{path}/tags", value="v")
    twins.call("PATCH", f"traces/{trace_id}/tags", key="old", value="way")
    twins.call("GET", path)
    twins.call("DELETE", f"{path}/tags", key="a")
    twins.call("DELETE", f"{path}/tags", key="a")
    twins.call("DELETE", f"{V3}/{new_id()}/tags", key="a")
    twins.call("GET", path)
    twins.call("GET", f"{V3}/get", trace_id=trace_id)
    twins.call("POST", f"{V3}/batchGetInfos", trace_ids=[trace_id, new_id()])
    twins.call("POST", f"{V3}/batchGetInfos", trace_ids=[trace_id], experiment_ids=["0"])
    twins.call("POST", "traces/link-to-run", trace_ids=[trace_id], run_id="r")
    twins.call("POST", "traces/link-to-run", trace_ids=["x"] * 101, run_id="r")
    twins.call("POST", f"{V3}/delete-traces", experiment_id="0", request_ids=[trace_id])
    twins.call("POST", f"{V3}/delete-traces", experiment_id=experiment, request_ids=[trace_id])
    twins.call("POST", f"{V3}/delete-traces", experiment_id=experiment, request_ids=[trace_id])
    twins.call("GET", path)


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("POST", V3, {}),
        ("GET", f"{V3}/none", {}),
        ("GET", f"{V3}/get", {}),
        ("GET", f"{V3}/get", {"trace_id": "tr-none"}),
        ("GET", f"{V3}/get", {"trace_id": "tr-none", "allow_partial": "True"}),
        ("GET", f"{V3}/get", {"trace_id": "tr-none", "allow_partial": "1"}),
        ("GET", f"{V3}/batchGet", {"trace_ids": ["tr-none"]}),
        ("POST", f"{V3}/search", {}),
        ("POST", f"{V3}/search", {"locations": []}),
        ("POST", f"{V3}/search", {"locations": locations("0"), "max_results": 501}),
        ("POST", f"{V3}/search", {"locations": locations("0"), "max_results": 0}),
        ("POST", f"{V3}/search", {"locations": locations("0"), "page_token": "x"}),
        ("POST", f"{V3}/delete-traces", {"experiment_id": "0"}),
        ("POST", f"{V3}/delete-traces", {"experiment_id": "0", "max_traces": 1}),
        (
            "POST",
            f"{V3}/delete-traces",
            {"experiment_id": "0", "max_timestamp_millis": 1, "max_traces": 0},
        ),
        (
            "POST",
            f"{V3}/delete-traces",
            {"experiment_id": "0", "max_timestamp_millis": 1, "request_ids": ["x"]},
        ),
        ("POST", f"{V3}/tr-none/assessments", {}),
        ("POST", f"{V3}/tr-none/assessments", {"assessment": {"assessment_name": "a"}}),
        ("POST", f"{V3}/tr-none/assessments", {"assessment": {"feedback": {"value": 1}}}),
        ("GET", f"{V3}/tr-none/assessments/a", {}),
        ("DELETE", f"{V3}/tr-none/assessments/a", {}),
        ("POST", "traces/link-prompts", {"trace_id": "tr-none", "prompt_versions": []}),
    ],
)
def test_a_wrong_call_is_refused_alike(
    twins: Twins, method: str, path: str, message: dict[str, Any]
) -> None:
    twins.call(method, path, **message)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_spans_are_kept_alike(twins: Twins, experiment: str, encoding: str) -> None:
    trace_id = new_id()
    bodies = [
        request(trace_id, parent=(1).to_bytes(8, "big"), number=2).SerializeToString(),
        request(trace_id).SerializeToString(),
        request(trace_id).SerializeToString(),
    ]
    for body in bodies:
        headers = {"content_encoding": encoding} if encoding else {}
        sent = gzip.compress(body) if encoding else body
        assert export_to_both(twins, experiment, sent, **headers) == 200
        twins.call("GET", f"{V3}/{trace_id}")
    twins.call("GET", f"{V3}/get", trace_id=trace_id)
    twins.call("GET", f"{V3}/batchGet", trace_ids=[trace_id])
    start(twins, experiment, trace_id, execution_duration="2s")
    twins.call("GET", f"{V3}/get", trace_id=trace_id)
    for text in ("span.name = 'span 1'", "span.type = 'TOOL' AND span.status = 'ERROR'"):
        search = {"locations": locations(experiment), "filter": text}
        assert len(twins.call("POST", f"{V3}/search", **search)[1]["traces"]) == 1


def test_spans_come_as_json_alike(twins: Twins, experiment: str) -> None:
    trace_id = new_id()
    span = {
        "traceId": trace_id.removeprefix("tr-"),
        "spanId": "00000000000000ff",
        "name": "json",
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000001000000000",
        "attributes": [{"key": "a", "value": {"intValue": "5"}}],
        "status": {"code": 1},
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()

    assert export_to_both(twins, experiment, body, content_type="application/json") == 200
    twins.call("GET", f"{V3}/get", trace_id=trace_id)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"\xff\xff", {}),
        (b"", {"content_type": "text/plain"}),
        (b"x", {"content_encoding": "gzip"}),
        (b"x", {"content_encoding": "zstd"}),
        (b"{", {"content_type": "application/json"}),
        (ExportTraceServiceRequest(resource_spans=[{}]).SerializeToString(), {}),
    ],
)
def test_wrong_spans_are_refused_alike(
    twins: Twins, experiment: str, body: bytes, headers: dict[str, str]
) -> None:
    export_to_both(twins, experiment, body, **headers)


@pytest.mark.parametrize("duration", ["1.5s", "0.000001s", "3s", "315576000000s"])
def test_durations_are_kept_alike(twins: Twins, experiment: str, duration: str) -> None:
    start(twins, experiment, execution_duration=duration)


@pytest.mark.parametrize("value", ['{"a": NaN}', "[1e999, -Infinity]"])
def test_numbers_that_json_lacks_are_expected_alike(
    twins: Twins, experiment: str, value: str
) -> None:
    trace_id = start(twins, experiment)
    sent = {
        "assessment_id": f"a-{trace_id}",
        "assessment_name": "n",
        "source": {"source_type": "HUMAN", "source_id": "u"},
        "expectation": {
            "serialized_value": {"serialization_format": "JSON_FORMAT", "value": value}
        },
    }
    twins.create(
        f"{V3}/{trace_id}/assessments",
        f"<{trace_id}>",
        ("assessment", "assessment_id"),
        assessment=sent,
    )
    for side, server in enumerate((twins.ours, twins.theirs)):
        path = f"{V3}/{trace_id}/assessments/{twins.names[f'<{trace_id}>'][side]}"
        status, answer = server.call("GET", path, {})
        kept = json.loads(answer["assessment"]["expectation"]["serialized_value"]["value"])
        assert status == 200
        assert json.dumps(kept) == json.dumps(json.loads(value))


def test_spans_of_numbers_that_json_lacks_are_kept_alike(twins: Twins, experiment: str) -> None:
    trace_id = new_id()
    exported = request(trace_id)
    span = exported.resource_spans[0].scope_spans[0].spans[0]
    del span.attributes[:]
    span.attributes.add(key="mlflow.spanInputs").value.string_value = '{"x": 1e999}'
    span.attributes.add(key="mlflow.spanOutputs").value.double_value = float("nan")
    assert export_to_both(twins, experiment, exported.SerializeToString()) == 200


@pytest.mark.parametrize("stats", ["[]", "x", '{"num_spans": 1}', '{"num_spans": 2}'])
def test_what_a_client_says_of_its_spans_counts_alike(
    twins: Twins, experiment: str, stats: str
) -> None:
    trace_id = new_id()
    start(twins, experiment, trace_id, trace_metadata={"mlflow.trace.sizeStats": stats})
    assert export_to_both(twins, experiment, request(trace_id).SerializeToString()) == 200
    twins.call("GET", f"{V3}/get", trace_id=trace_id, allow_partial="true")
    # Otherwise MLflow's server fails.
    if stats.startswith("{"):
        twins.call("GET", f"{V3}/get", trace_id=trace_id)


def test_assessments_live_alike(twins: Twins, experiment: str) -> None:
    trace_id = start(twins, experiment)
    path = f"{V3}/{trace_id}/assessments"
    base = {
        "source": {"source_type": "HUMAN", "source_id": "u"},
        "create_time": "2025-01-01T00:00:00Z",
        "last_update_time": "2025-01-01T00:00:00Z",
    }
    values: list[dict[str, Any]] = [
        {"feedback": {"value": 3}},
        {"feedback": {"value": {"a": [1, None]}}, "rationale": "r", "metadata": {"k": "v"}},
        {"feedback": {"error": {"error_code": "E", "error_message": "m"}}},
        {"expectation": {"value": "x"}, "span_id": "s"},
        {"expectation": {"value": [1, "ä"]}},
        {"expectation": {"serialized_value": {"serialization_format": "X", "value": "1"}}},
        {"issue": {"issue_name": "i"}},
    ]
    for number, value in enumerate(values):
        sent = {**base, **value, "assessment_id": f"a-{number}-{trace_id}", "assessment_name": "n"}
        twins.call("POST", path, assessment=sent)
        twins.call("GET", f"{path}/a-{number}-{trace_id}")
    first = f"a-0-{trace_id}"
    new = {
        **base,
        "assessment_name": "n",
        "assessment_id": f"a-9-{trace_id}",
        "feedback": {"value": "no"},
    }
    twins.call("POST", path, assessment={**new, "overrides": "none"})
    twins.call("POST", path, assessment={**new, "overrides": first})
    twins.call("GET", f"{path}/{first}")
    update = {"assessment_name": "m", "rationale": "so", "feedback": {"value": 4}}
    mask = "assessmentName,rationale,feedback"
    twins.call("PATCH", f"{path}/{first}", assessment=update, update_mask=mask)
    twins.call("PATCH", f"{path}/a-3-{trace_id}", assessment=update, update_mask="feedback")
    twins.call("PATCH", f"{path}/none", assessment=update, update_mask=mask)
    twins.call("PATCH", f"{path}/{first}", assessment=update)
    twins.call("DELETE", f"{path}/a-9-{trace_id}")
    twins.call("DELETE", f"{path}/a-9-{trace_id}")
    twins.call("GET", f"{path}/{first}")
    twins.call("GET", f"{V3}/{trace_id}")


@pytest.fixture(scope="module")
def searched(twins: Twins) -> list[str]:
    """Two experiments with six traces."""
    experiments = []
    for _ in range(2):
        name = f"t-{uuid.uuid4().hex[:12]}"
        twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
        experiments.append(f"<{name}>")
    for number in range(6):
        feedback = score([number, "good", True][number % 3])
        start(
            twins,
            experiments[number % 2],
            f"tr-{number % 3}{number}{uuid.uuid4().hex}",
            request_time=f"2025-01-01T00:00:0{number // 2}.500Z",
            **({"execution_duration": f"{number}.250s"} if number else {}),
            state=["OK", "ERROR", "IN_PROGRESS"][number % 3],
            tags={"mlflow.traceName": f"name {number}", **({"t": "x"} if number > 2 else {})},
            trace_metadata={"m": f"{number % 2}", "mlflow.sourceRun": f"r{number}"},
            assessments=[feedback],
            **({"client_request_id": f"c{number}"} if number > 3 else {}),
        )
    return experiments


@pytest.mark.parametrize(
    "text",
    [
        "",
        "status = 'OK'",
        "trace.status != 'OK'",
        "attributes.status IN ('OK', 'ERROR')",
        "status NOT IN ('OK')",
        "name = 'name 3'",
        "name LIKE 'name%'",
        "name ILIKE 'NAME 1'",
        "name IN ('name 1')",
        "timestamp > 1735689600500",
        "timestamp_ms <= 1735689601500 AND status = 'OK'",
        "execution_time >= 2250",
        "execution_time_ms != 1250",
        "end_time < 1735689604000",
        "client_request_id = 'c4'",
        "client_request_id != 'c4'",
        "run_id = 'r2'",
        "run_id != 'r2'",
        "tags.t = 'x'",
        "tag.t IS NULL",
        "tags.t IS NOT NULL",
        "tags.`mlflow.traceName` = 'name 2'",
        "metadata.m = '1'",
        "request_metadata.m != '1'",
        "metadata.none IS NULL",
        "feedback.score > 1",
        "feedback.score = '3.0'",
        "feedback.score = 'good'",
        "feedback.score = 'true'",
        "feedback.score != 'true'",
        "feedback.score LIKE '%oo%'",
        "feedback.score IS NOT NULL",
        "feedback.none IS NULL",
        "expectation.score IS NULL",
        "feedback.score = 3",
        "feedback.score > 'a'",
        "issue.id = 'x'",
        "issue.id != 'x'",
        "prompt = 'a/1'",
        "prompt = 'a'",
        "prompt LIKE 'a/1'",
        "span.name = 'none'",
        "span.what = 'none'",
        "status = OK",
        "status > 'OK'",
        "timestamp LIKE '1'",
        "nothing = '1'",
        "params.a = '1'",
        "status = 'OK' OR status = 'ERROR'",
        "status",
    ],
)
def test_filters_find_alike(twins: Twins, searched: list[str], text: str) -> None:
    twins.call("POST", f"{V3}/search", locations=locations(*searched), filter=text)


@pytest.mark.parametrize(
    "order",
    [
        [],
        ["timestamp DESC"],
        ["timestamp ASC"],
        ["execution_time DESC"],
        ["execution_time"],
        ["status", "timestamp ASC"],
        ["name DESC"],
        ["tags.t", "request_id DESC"],
        ["metadata.m DESC", "timestamp_ms"],
        ["run_id"],
        ["status", "status DESC"],
        ["client_request_id"],
        ["nothing"],
        ["span.name"],
        ["feedback.score"],
        ["status UP"],
    ],
)
def test_orders_and_pages_are_alike(twins: Twins, searched: list[str], order: list[str]) -> None:
    token = ""
    for _ in range(3):
        message = {"locations": locations(*searched), "order_by": order, "max_results": 4}
        answer = twins.call("POST", f"{V3}/search", **message, page_token=token)[1]
        token = answer.get("next_page_token", "")
        if not token:
            return


def test_a_page_beyond_all_is_empty_alike(twins: Twins, searched: list[str]) -> None:
    token = base64.b64encode(b'{"offset": 9223372036854775807}').decode()
    message = {"locations": locations(*searched), "page_token": token}
    twins.call("POST", f"{V3}/search", **message)


def test_the_oldest_are_deleted_alike(twins: Twins, experiment: str) -> None:
    for number in range(4):
        start(twins, experiment, request_time=f"2025-01-01T00:00:0{number}Z")
    for message in ({"max_traces": 1}, {}, {"max_traces": 5}):
        until = {"experiment_id": experiment, "max_timestamp_millis": 1_735_689_602_000}
        twins.call("POST", f"{V3}/delete-traces", **until, **message)
        twins.call("POST", f"{V3}/search", locations=locations(experiment))


def test_links_are_found_alike(twins: Twins, experiment: str) -> None:
    trace_id = start(twins, experiment)
    run, prompt = uuid.uuid4().hex, uuid.uuid4().hex
    versions = [{"name": prompt, "version": "1"}, {"name": prompt, "version": "2"}]
    for _ in range(2):
        twins.call("POST", "traces/link-to-run", trace_ids=[trace_id], run_id=run)
        twins.call("POST", "traces/link-prompts", trace_id=trace_id, prompt_versions=versions)
    for text in (f"run_id = '{run}'", f"prompt = '{prompt}/2'", f"prompt = '{prompt}/3'"):
        twins.call("POST", f"{V3}/search", locations=locations(experiment), filter=text)


def test_traces_of_a_deleted_experiment_are_alike(twins: Twins, experiment: str) -> None:
    trace_id, other = start(twins, experiment), new_id()
    twins.call("POST", "experiments/delete", experiment_id=experiment)
    twins.call("POST", f"{V3}/search", locations=locations(experiment))
    twins.call("GET", f"{V3}/{trace_id}")
    twins.call("PATCH", f"{V3}/{trace_id}/tags", key="k", value="v")
    refused = twins.call("POST", V3, trace={"trace_info": info(experiment, other)})
    assert refused[0] == 400
    export_to_both(twins, experiment, request(other).SerializeToString())
    twins.call("POST", f"{V3}/search", locations=locations(experiment))
    twins.call("POST", "experiments/restore", experiment_id=experiment)
    twins.call("POST", f"{V3}/search", locations=locations(experiment))
    twins.call("POST", f"{V3}/delete-traces", experiment_id=experiment, request_ids=[trace_id])
    twins.call("POST", f"{V3}/search", locations=locations(experiment))


def test_traces_outlive_their_run_alike(twins: Twins, experiment: str) -> None:
    at = ("run", "info", "run_id")
    run = f"<r-{uuid.uuid4().hex[:12]}>"
    twins.create("runs/create", run, at, experiment_id=experiment, start_time=1)
    trace_id = start(twins, experiment)
    twins.call("POST", "traces/link-to-run", trace_ids=[trace_id], run_id=run)
    twins.call("POST", "runs/delete", run_id=run)
    for server, side in ((twins.ours, 0), (twins.theirs, 1)):
        text = f"run_id = '{twins.names[run][side]}'"
        message = {"locations": locations(twins.names[experiment][side]), "filter": text}
        [found] = server.call("POST", f"{V3}/search", message)[1]["traces"]
        assert found["trace_id"] == trace_id


@pytest.mark.parametrize(
    "attributes",
    [
        {
            "openinference.span.kind": "LLM",
            "llm.token_count.prompt": 3,
            "llm.token_count.completion": 4,
            "llm.model_name": "no such model",
            "llm.provider": "nobody",
            "input.value": '{"q": 1}',
            "output.value": "yes",
        },
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.output_tokens": "4",
            "gen_ai.usage.cache_read.input_tokens": 1,
            "gen_ai.request.model": "no such model",
            "gen_ai.provider.name": "nobody",
            "gen_ai.input.messages": '[{"role": "user", "parts": []}]',
            "gen_ai.output.messages": "[]",
            "gen_ai.tool.definitions": '[{"type": "function"}]',
        },
        {
            "traceloop.span.kind": "workflow",
            "gen_ai.usage.prompt_tokens": 3,
            "llm.usage.total_tokens": 9,
            "gen_ai.system": "nobody",
            "traceloop.entity.input": '{"model": "no such model"}',
            "traceloop.entity.output": "told",
        },
        {
            "mlflow.spanType": '"UNKNOWN"',
            "openinference.span.kind": "TOOL",
            "mlflow.spanInputs": '"text"',
            "mlflow.spanOutputs": "12",
            "input.value": "not this",
        },
        {"a": '"quoted"', "b": "[1, {}]", "c": "1", "d": "true", "e": "{", "f": "null"},
    ],
)
def test_other_conventions_are_understood_alike(
    twins: Twins, experiment: str, attributes: dict[str, Any]
) -> None:
    trace_id = new_id()
    exported = ExportTraceServiceRequest()
    span = (
        exported.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=bytes.fromhex(trace_id.removeprefix("tr-")),
            span_id=(1).to_bytes(8, "big"),
            name="s",
            start_time_unix_nano=1_700_000_000_000_000_000,
            end_time_unix_nano=1_700_000_001_000_000_000,
        )
    )
    for key, value in attributes.items():
        kind = "int_value" if isinstance(value, int) else "string_value"
        ParseDict({kind: value}, span.attributes.add(key=key).value)

    assert export_to_both(twins, experiment, exported.SerializeToString()) == 200
    twins.call("GET", f"{V3}/get", trace_id=trace_id)
