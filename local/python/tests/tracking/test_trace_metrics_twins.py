"""Charts of traces, their files, and messages of older clients, as MLflow's server has them."""

import json
import uuid
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tracking.test_traces_twins import V3, export_to_both, info, locations, new_id, request
from tracking.twins import Twins, named

METRICS = f"{V3}/metrics"
SECOND = 1_735_689_600_000


def spans(trace_id: str, number: int) -> bytes:
    """Three spans: a root, a call of a model below it that tells tokens and cost, one below."""
    exported = ExportTraceServiceRequest()
    scope = exported.resource_spans.add().scope_spans.add()
    for span in range(3):
        added = scope.spans.add(
            trace_id=bytes.fromhex(trace_id.removeprefix("tr-")),
            span_id=(span + 1).to_bytes(8, "big"),
            parent_span_id=span.to_bytes(8, "big") if span else b"",
            name=f"step {span}",
            start_time_unix_nano=(SECOND + number * 1_000 + span) * 1_000_000,
            end_time_unix_nano=(SECOND + number * 1_500 + span * 7 + 20) * 1_000_000,
        )
        added.status.code = 2 if number == 3 else 1
        attributes: dict[str, Any] = {
            "mlflow.spanType": {"string_value": ["CHAIN", "LLM"][span % 2]}
        }
        if span:
            attributes["mlflow.llm.model"] = {"string_value": f"model {number % 2}"}
            attributes["mlflow.llm.provider"] = {"string_value": "p"}
            attributes["mlflow.chat.tokenUsage"] = numbers(
                {"input_tokens": 10 * number, "output_tokens": 3, "total_tokens": 10 * number + 3}
            )
            attributes["mlflow.llm.cost"] = numbers(
                {"input_cost": 0.25 * number, "output_cost": 0.5, "total_cost": 0.25 * number + 0.5}
            )
        for key, value in attributes.items():
            ParseDict(value, added.attributes.add(key=key).value)
    return bytes(exported.SerializeToString())


def numbers(values: dict[str, float]) -> dict[str, Any]:
    kinds = {int: "int_value", float: "double_value"}
    pairs = [{"key": key, "value": {kinds[type(v)]: v}} for key, v in values.items()]
    return {"kvlist_value": {"values": pairs}}


@pytest.fixture(scope="module")
def measured(twins: Twins) -> str:
    """An experiment with five traces, one second after another."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
    experiment = f"<{name}>"
    for number in range(5):
        trace_id = new_id()
        assert export_to_both(twins, experiment, spans(trace_id, number)) == 200
        twins.call("GET", f"{V3}/{trace_id}")
        feedback = {
            "assessment_id": f"a-{uuid.uuid4().hex}",
            "assessment_name": ["score", "good"][number % 2],
            "source": {"source_type": "CODE"},
            "create_time": "2025-01-01T00:00:00Z",
            "last_update_time": "2025-01-01T00:00:00Z",
            "feedback": {"value": [number, True, "yes", "maybe", None][number]},
        }
        more = {
            "request_time": f"2025-01-01T00:00:0{number}.500Z",
            **({"execution_duration": f"{number}.250s"} if number else {}),
            "state": ["OK", "ERROR"][number % 2],
            "tags": {
                "t": "x",
                **({"mlflow.traceName": f"name {number % 2}"} if number < 4 else {}),
            },
            "trace_metadata": {"mlflow.trace.session": f"s{number // 2}"} if number else {},
            "assessments": [feedback],
        }
        # Of a trace that is there, MLflow's server answers with the tags of before.
        at = ("trace", "trace_info", "trace_id")
        twins.create(V3, trace_id, at, trace={"trace_info": info(experiment, trace_id, **more)})
        twins.call("GET", f"{V3}/get", trace_id=trace_id)
    return experiment


def every() -> list[dict[str, Any]]:
    return [
        *({"aggregation_type": kind} for kind in ("SUM", "AVG", "MIN", "MAX")),
        *(
            {"aggregation_type": "PERCENTILE", "percentile_value": value}
            for value in (0, 50, 99.9, 100)
        ),
    ]


COUNT = [{"aggregation_type": "COUNT"}]
RANGE = every()[1:]


@pytest.mark.parametrize(
    ("view", "metric", "aggregations", "dimensions"),
    [
        ("TRACES", "trace_count", COUNT, []),
        ("TRACES", "trace_count", COUNT, ["trace_name"]),
        ("TRACES", "trace_count", COUNT, ["trace_status", "trace_name"]),
        ("TRACES", "session_count", COUNT, []),
        ("TRACES", "latency", RANGE, []),
        ("TRACES", "latency", RANGE, ["trace_name"]),
        ("TRACES", "input_tokens", every(), []),
        ("TRACES", "total_tokens", every(), ["trace_name"]),
        ("TRACES", "cache_read_input_tokens", every(), []),
        ("SPANS", "span_count", COUNT, []),
        ("SPANS", "span_count", COUNT, ["span_name", "span_type"]),
        ("SPANS", "span_count", COUNT, ["span_status"]),
        ("SPANS", "span_count", COUNT, ["span_model_name", "span_model_provider"]),
        ("SPANS", "latency", RANGE, ["span_name", "span_status"]),
        ("SPANS", "input_cost", every(), []),
        ("SPANS", "total_cost", every(), ["span_model_name"]),
        ("ASSESSMENTS", "assessment_count", COUNT, []),
        ("ASSESSMENTS", "assessment_count", COUNT, ["assessment_name", "assessment_value"]),
        ("ASSESSMENTS", "assessment_value", RANGE, ["assessment_name"]),
        ("TRACES", "trace_count", RANGE, []),
        ("TRACES", "trace_count", COUNT, ["span_name"]),
        ("TRACES", "span_count", COUNT, []),
        ("SPANS", "nothing", COUNT, []),
    ],
)
@pytest.mark.parametrize(
    "times",
    [
        {},
        {"start_time_ms": SECOND + 500, "end_time_ms": SECOND + 3_499},
        {"start_time_ms": SECOND, "end_time_ms": SECOND + 9_000, "time_interval_seconds": 2},
        {"time_interval_seconds": 2},
        {"start_time_ms": 0, "end_time_ms": SECOND + 9_000, "time_interval_seconds": 10**10},
        {"max_results": 1},
    ],
)
def test_charts_are_alike(
    twins: Twins,
    measured: str,
    view: str,
    metric: str,
    aggregations: list[dict[str, Any]],
    dimensions: list[str],
    times: dict[str, Any],
) -> None:
    message = {"view_type": view, "metric_name": metric, "aggregations": aggregations}
    experiments = [measured, "999"]
    twins.call(
        "POST", METRICS, experiment_ids=experiments, dimensions=dimensions, **message, **times
    )


@pytest.mark.parametrize(
    ("view", "metric", "filters"),
    [
        ("TRACES", "trace_count", ["trace.status = 'OK'"]),
        ("TRACES", "trace_count", ["trace.tag.t = 'x'", "trace.status = 'ERROR'"]),
        ("TRACES", "trace_count", ["trace.tag.`mlflow.traceName` = 'name 1'"]),
        ("TRACES", "trace_count", ["trace.metadata.`mlflow.trace.session` = 's1'"]),
        ("TRACES", "trace_count", ["trace.metadata.none = 's1'"]),
        ("SPANS", "span_count", ["span.name = 'step 1'", "trace.status = 'OK'"]),
        ("SPANS", "span_count", ["span.type = 'LLM'", "span.status = 'OK'"]),
        ("ASSESSMENTS", "assessment_count", ["assessment.name = 'good'"]),
        ("ASSESSMENTS", "assessment_count", ["assessment.type = 'feedback'"]),
        ("ASSESSMENTS", "assessment_count", ["trace.status = 'OK'"]),
        ("TRACES", "trace_count", ["span.name = 'step 1'"]),
        ("TRACES", "trace_count", ["assessment.name = 'step 1'"]),
        ("TRACES", "trace_count", ["trace.status != 'OK'"]),
        ("TRACES", "trace_count", ["trace.status = 1"]),
        ("TRACES", "trace_count", ["trace.tag = 'x'"]),
        ("TRACES", "trace_count", ["trace.status.x = 'x'"]),
        ("TRACES", "trace_count", ["nothing.x = 'x'"]),
        ("TRACES", "trace_count", ["trace.status = 'OK' AND trace.status = 'OK'"]),
    ],
)
def test_charts_of_some_are_alike(
    twins: Twins, measured: str, view: str, metric: str, filters: list[str]
) -> None:
    message = {"view_type": view, "metric_name": metric, "aggregations": COUNT}
    both = [
        twins.told(
            server,
            side,
            "POST",
            METRICS,
            {"experiment_ids": [measured], "filters": filters, **message},
        )
        for side, server in enumerate((twins.ours, twins.theirs))
    ]
    # Some of what is wrong with a filter is told in other words.
    if both[0][0] == 400:
        assert (both[0][0], both[0][1]["error_code"]) == (both[1][0], both[1][1]["error_code"])
    else:
        assert both[0] == both[1]


@pytest.mark.parametrize("missing", ["experiment_ids", "view_type", "metric_name", "aggregations"])
def test_charts_without_a_field_are_refused_alike(twins: Twins, missing: str) -> None:
    message = {
        "experiment_ids": ["0"],
        "view_type": "TRACES",
        "metric_name": "trace_count",
        "aggregations": COUNT,
    }
    del message[missing]
    assert twins.call("POST", METRICS, **message)[0] == 400


@pytest.mark.parametrize(
    ("first", "second", "base"),
    [
        ("status = 'OK'", "tags.t = 'x'", ""),
        ("status = 'OK'", "name = 'name 0'", ""),
        ("status = 'OK'", "name = 'name 1'", ""),
        ("status = 'OK'", "name = 'name 0'", "timestamp > 1735689601000"),
        ("status = 'OK'", "name = 'none'", ""),
        ("tags.t = 'x'", "tags.t = 'x'", ""),
        ("span.name = 'step 1'", "feedback.score = 'yes'", ""),
        ("nothing = 1", "status = 'OK'", ""),
        ("", "status = 'OK'", ""),
    ],
)
def test_filters_correlate_alike(
    twins: Twins, measured: str, first: str, second: str, base: str
) -> None:
    path = f"{V3}/calculate-filter-correlation"
    message = {"experiment_ids": [measured], "filter_string1": first, "filter_string2": second}
    both = [
        twins.told(
            server, side, "POST", path, {**message, **({"base_filter": base} if base else {})}
        )
        for side, server in enumerate((twins.ours, twins.theirs))
    ]
    assert both[0][0] == both[1][0]
    if both[0][0] == 200:
        assert both[0][1] == {key: pytest.approx(value) for key, value in both[1][1].items()}


@pytest.mark.parametrize(
    "text",
    [
        "trace.text LIKE '%step 1%'",
        "trace.text ILIKE '%STEP 1%'",
        "trace.text LIKE '%nowhere%'",
        "trace.text = 'x'",
        "span.content LIKE '%model 1%' AND span.name = 'step 1'",
        "span.attributes.`mlflow.llm.model` LIKE '%model 1%'",
        "span.attributes.mlflow.llm.model ILIKE '%MODEL 0%'",
        "span.attributes.mlflow.llm.model RLIKE '^model [01]$'",
        "span.attributes.mlflow.llm.model RLIKE 'nothing'",
        "span.attributes.mlflow.llm.model = 'model 1'",
        "span.attributes.mlflow.llm.model != 'model 1'",
        "span.name RLIKE 'ste. [12]'",
        "span.status = 'ERROR'",
        "name RLIKE '^name 1'",
        "tags.t RLIKE '['",
        "metadata.`mlflow.trace.session` RLIKE 's[01]'",
    ],
)
def test_spans_are_searched_alike(twins: Twins, measured: str, text: str) -> None:
    twins.call("POST", f"{V3}/search", locations=locations(measured), filter=text)


def test_spans_come_as_a_file_alike(twins: Twins, measured: str) -> None:
    trace_id = new_id()
    export_to_both(twins, measured, request(trace_id).SerializeToString())
    for version in ("2.0", "3.0"):
        path = f"/ajax-api/{version}/mlflow/get-trace-artifact"
        assert twins.call("GET", path, request_id=trace_id)[0] == 200
        twins.call("GET", path)
        twins.call("GET", path, request_id="tr-none")
        twins.call("GET", path, request_id="tr-none", path=str(uuid.UUID(int=1)))
        for server in (twins.ours, twins.theirs):
            assert server.call("GET", path, {"request_id": "x", "path": "a.png"})[0] == 400


def test_traces_of_older_clients_live_alike(twins: Twins) -> None:
    name = f"t-{uuid.uuid4().hex[:12]}"
    twins.create("experiments/create", f"<{name}>", ("experiment_id",), name=name)
    old = {
        "experiment_id": f"<{name}>",
        "timestamp_ms": SECOND,
        "request_metadata": [{"key": "m", "value": "1"}, {"key": "long", "value": "y" * 300}],
        "tags": [{"key": "mlflow.traceName", "value": "n"}, {"key": "t", "value": "x"}],
    }
    twins.create("traces", f"<{name}-1>", ("trace_info", "request_id"), **old)
    path = f"traces/<{name}-1>"
    alike(twins, "GET", f"{path}/info")
    alike(twins, "PATCH", f"{path}/tags", key="more", value="z")
    end = {"timestamp_ms": SECOND + 1_500, "status": "ERROR"}
    more = [{"key": "m", "value": "2"}, {"key": "o", "value": "3"}]
    alike(twins, "PATCH", path, **end, request_metadata=more, tags=[{"key": "t", "value": "w"}])
    alike(twins, "GET", f"{path}/info")
    alike(twins, "DELETE", f"{path}/tags", key="more")
    for text in ("", "tags.t = 'w'", "tags.t = 'x'"):
        alike(twins, "GET", "traces", experiment_ids=[f"<{name}>"], filter=text)
    twins.call("GET", "traces/none/info")
    twins.call("PATCH", "traces/none", **end)
    twins.call("GET", "traces")
    twins.call("POST", "traces", experiment_id="12345")


def alike(twins: Twins, method: str, path: str, **message: Any) -> None:
    """The same call to both, where pairs are lists and ids are in their values and in the path."""
    told = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        named_path = path
        for name, ids in twins.names.items():
            named_path = named_path.replace(name, ids[side])
        known = {ids[side]: name for name, ids in twins.names.items()}
        answer = server.call(method, named_path, twins._named(side, message))
        told.append(sorted_pairs(json.loads(named(json.dumps(answer), known))))
    assert told[0] == told[1], f"{method} {path}\nours:   {told[0]}\ntheirs: {told[1]}"


def sorted_pairs(told: Any) -> Any:
    """An answer with its lists of pairs in one order."""
    if isinstance(told, dict):
        return {key: sorted_pairs(value) for key, value in told.items()}
    if isinstance(told, list):
        return sorted((sorted_pairs(each) for each in told), key=str)
    return told
