"""Traces by MLflow's own client, unmodified."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import mlflow
import pytest
from mlflow.entities import Trace
from mlflow.entities.trace_metrics import AggregationType, MetricAggregation, MetricViewType
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of


@pytest.fixture
def experiment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    return str(mlflow.set_experiment(f"t-{uuid.uuid4().hex[:12]}").experiment_id)


@mlflow.trace(span_type="TOOL")  # type: ignore[untyped-decorator]
def halve(number: float) -> dict[str, list[float | None]]:
    if number < 0:
        raise ValueError("too small")
    return {"half": [number / 2, None]}


@mlflow.trace(name="answer")  # type: ignore[untyped-decorator]
def answer(number: float) -> dict[str, list[float | None]]:
    mlflow.update_current_trace(tags={"kind": "ä"}, metadata={"mlflow.trace.session": "s"})
    result: dict[str, list[float | None]] = halve(number)
    return result


def traced(number: float) -> str:
    answer(number)
    mlflow.flush_trace_async_logging()
    return str(mlflow.get_last_active_trace_id())


def found(experiment: str, text: str = "") -> list[str]:
    traces: list[Trace] = mlflow.search_traces(
        locations=[experiment], filter_string=text, return_type="list"
    )
    return [trace.info.trace_id for trace in traces]


def test_a_trace_is_kept_with_its_spans(experiment: str) -> None:
    trace_id = traced(3)

    trace = mlflow.get_trace(trace_id)

    assert trace.info.state == "OK"
    assert trace.info.tags["kind"] == "ä"
    assert trace.info.tags["mlflow.traceName"] == "answer"
    assert [(span.name, span.span_type) for span in trace.data.spans] == [
        ("answer", "UNKNOWN"),
        ("halve", "TOOL"),
    ]
    assert trace.data.spans[1].parent_id == trace.data.spans[0].span_id
    assert trace.data.spans[1].outputs == {"half": [1.5, None]}
    assert trace.data.spans[0].inputs == {"number": 3}


def test_an_exception_is_kept(experiment: str) -> None:
    with pytest.raises(ValueError, match="too small"):
        answer(-1)
    mlflow.flush_trace_async_logging()

    [trace] = mlflow.search_traces(locations=[experiment], return_type="list")

    assert trace.info.state == "ERROR"
    assert trace.data.spans[1].events[0].attributes["exception.message"] == "too small"


def test_traces_are_found(experiment: str) -> None:
    first, second = traced(1), traced(2)
    mlflow.set_trace_tag(first, "color", "red")

    assert found(experiment) == [second, first]
    assert found(experiment, "tags.color = 'red'") == [first]
    assert found(experiment, "trace.status = 'OK' AND name = 'answer'") == [second, first]
    assert found(experiment, "span.type = 'TOOL' AND span.name = 'answer'") == []
    assert found(experiment, "metadata.`mlflow.trace.session` = 's'") == [second, first]
    mlflow.delete_trace_tag(first, "color")
    assert found(experiment, "tags.color IS NOT NULL") == []
    assert len(mlflow.search_traces(locations=[experiment])) == 2


def test_traces_are_assessed(experiment: str) -> None:
    trace_id = traced(1)
    mlflow.log_feedback(trace_id=trace_id, name="good", value=True, rationale="so it is")
    old = mlflow.log_feedback(trace_id=trace_id, name="score", value=0.25)
    mlflow.log_expectation(trace_id=trace_id, name="wanted", value={"half": [0.5]})
    mlflow.update_assessment(
        trace_id, old.assessment_id, mlflow.entities.Feedback(name="score", value=0.5)
    )
    new = mlflow.override_feedback(trace_id=trace_id, assessment_id=old.assessment_id, value=0.75)

    said = {each.name: each.value for each in mlflow.get_trace(trace_id).info.assessments}

    assert said == {"good": True, "score": 0.75, "wanted": {"half": [0.5]}}
    assert not mlflow.get_assessment(trace_id, old.assessment_id).valid
    assert found(experiment, "feedback.good = 'true' AND feedback.score > 0.7") == [trace_id]
    mlflow.delete_assessment(trace_id, new.assessment_id)
    assert mlflow.get_assessment(trace_id, old.assessment_id).valid
    assert found(experiment, "feedback.score > 0.7") == []


def test_traces_of_a_run_are_found_and_deleted(experiment: str) -> None:
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        inside = traced(1)
    outside = traced(2)

    assert found(experiment, f"run_id = '{run.info.run_id}'") == [inside]
    client.link_traces_to_run([outside], run.info.run_id)
    assert found(experiment, f"run_id = '{run.info.run_id}'") == [outside, inside]
    assert client.delete_traces(experiment, trace_ids=[inside]) == 1
    assert found(experiment) == [outside]
    assert mlflow.get_trace(inside) is None


def test_many_large_spans_are_kept(experiment: str) -> None:
    noise = uuid.uuid4().hex.join(uuid.uuid4().hex for _ in range(16_000))
    with mlflow.start_span("root") as root:
        root.set_inputs(noise)
        for number in range(30):
            with mlflow.start_span(f"s{number}"):
                pass
    mlflow.flush_trace_async_logging()

    trace = mlflow.get_trace(root.trace_id)

    assert len(trace.data.spans) == 31
    assert trace.data.spans[0].inputs == noise


def test_traces_come_asynchronously_or_not(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for on in ("true", "false"):
        monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", on)
        for number in range(20):
            answer(number)
    mlflow.flush_trace_async_logging()

    traces = mlflow.search_traces(locations=[experiment], return_type="list")

    assert len(traces) == 40
    assert {len(trace.data.spans) for trace in traces} == {2}


def test_prompts_are_linked_to_traces(experiment: str) -> None:
    name = f"p-{uuid.uuid4().hex[:12]}"
    mlflow.genai.register_prompt(name=name, template="Halve {{number}}")

    @mlflow.trace  # type: ignore[untyped-decorator]
    def ask() -> str:
        return str(mlflow.genai.load_prompt(f"prompts:/{name}/1").template)

    ask()
    mlflow.flush_trace_async_logging()
    traced(1)

    trace_id = found(experiment)[1]
    mlflow.MlflowClient().link_prompt_versions_to_trace(
        [mlflow.genai.load_prompt(f"prompts:/{name}/1")], trace_id
    )
    assert found(experiment, f"prompt = '{name}/1'") == [trace_id]


def test_what_models_used_is_summed_up(experiment: str) -> None:
    with mlflow.start_span("agent", span_type="AGENT") as root:
        for tokens in (1, 2):
            with mlflow.start_span("call", span_type="LLM") as span:
                usage = {"input_tokens": tokens, "output_tokens": 5, "total_tokens": tokens + 5}
                span.set_attribute("mlflow.chat.tokenUsage", usage)
                span.set_attribute("mlflow.llm.model", "a model")
    mlflow.flush_trace_async_logging()

    usage = mlflow.get_trace(root.trace_id).info.token_usage
    points = mlflow.MlflowClient()._tracing_client.store.query_trace_metrics(
        experiment_ids=[experiment],
        view_type=MetricViewType.SPANS,
        metric_name="span_count",
        aggregations=[MetricAggregation(AggregationType.COUNT)],
        dimensions=["span_type", "span_model_name"],
    )

    assert usage == {"input_tokens": 3, "output_tokens": 10, "total_tokens": 13}
    assert [(point.dimensions, point.values) for point in points] == [
        ({"span_type": "LLM", "span_model_name": "a model"}, {"COUNT": 2})
    ]


def test_spans_of_several_threads_and_one_without_context_are_one_trace(experiment: str) -> None:
    root = mlflow.start_span_no_context("root", inputs={"q": 1})

    def work(number: int) -> None:
        child = mlflow.start_span_no_context(f"c{number}", parent_span=root)
        child.end(outputs=number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    root.end(outputs="done")
    mlflow.flush_trace_async_logging()

    trace = mlflow.get_trace(root.trace_id)

    assert sorted(span.name for span in trace.data.spans) == sorted(
        ["root", *(f"c{number}" for number in range(12))]
    )
    assert trace.info.request_preview == '{"q": 1}'
    assert found(experiment, "trace.text LIKE '%c11%'") == [root.trace_id]
