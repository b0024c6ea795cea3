"""Traces by MLflow's own client, unmodified."""

import uuid

import mlflow
import pytest
from mlflow.entities import Trace
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
