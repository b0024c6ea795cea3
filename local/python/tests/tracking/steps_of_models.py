"""Steps with logged models, traces, evaluation datasets and scorers, by all clients."""

import json
from typing import Any

import mlflow
from hypothesis import strategies as st
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Feedback
from mlflow.genai import datasets, scorers
from tracking.sequence import Sequence, Step, keys, mapped, pairs, step, texts, which
from tracking.test_datasets_twins import ROOT as DATASETS
from tracking.test_scorers_twins import JUDGE
from tracking.test_traces_twins import V3, info, locations, new_id

SCORERS = "/api/3.0/mlflow/scorers/"
LOGGED = "logged-models/"
model_status = st.sampled_from([1, 2, 3])
some_filters = st.sampled_from(
    ["", "name LIKE 'n%'", "metrics.loss > 0.3", "params.p = '1'", "tags.a = '1'", "nothing ="]
)


def logged(s: Sequence, number: int) -> str:
    return s.one("model", number, "m-none")


def create_model(s: Sequence, run: int, tags: list[dict[str, Any]]) -> None:
    s.make(
        "model",
        lambda known: s.twins.attempt(
            LOGGED[:-1],
            known,
            ("model", "info", "model_id"),
            experiment_id=s.experiment(0),
            name=f"n{len(s.made['model'])}",
            source_run_id=s.run(run),
            params=[{"key": "p", "value": str(run)}],
            tags=tags,
        ),
    )


MODEL: list[st.SearchStrategy[Step]] = [
    step(create_model, which, pairs()),
    step(lambda s, w: s.get(LOGGED + logged(s, w)), which),
    step(lambda s, w: s.delete(LOGGED + logged(s, w)), which),
    step(
        lambda s, w, n: s.patch(LOGGED + logged(s, w), model_id=logged(s, w), status=n),
        which,
        model_status,
    ),
    # A parameter that is there already is refused by MLflow's database.
    step(
        lambda s, w, v: s.post(
            f"{LOGGED}{logged(s, w)}/params",
            model_id=logged(s, w),
            params=[{"key": s.new_name(), "value": v}],
        ),
        which,
        texts,
    ),
    step(lambda s, w, t: s.patch(f"{LOGGED}{logged(s, w)}/tags", tags=t), which, pairs()),
    step(lambda s, w, k: s.delete(f"{LOGGED}{logged(s, w)}/tags/{k}"), which, st.just("a")),
    step(
        lambda s, w, r, n: s.post(
            "runs/log-metric",
            **({"model_id": logged(s, w)} if s.made.get("model") else {}),
            run_id=s.run(r),
            key="loss",
            value=n / 4,
            timestamp=n,
        ),
        which,
        which,
        st.integers(0, 4),
    ),
    step(
        lambda s, f, up: s.post(
            LOGGED + "search",
            experiment_ids=[s.experiment(0)],
            filter=f,
            order_by=[{"field_name": "name", "ascending": up}],
        ),
        some_filters,
        st.booleans(),
    ),
]

MODEL_BY_CLIENTS: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, operation, t: s.make(
            "model",
            lambda known: operation(
                s, f"n{len(s.made['model'])}", mapped(t), {"p": "1"}, known=known, at="model_id"
            ),
        ),
        st.sampled_from(
            [
                lambda s, name, tags, params, **made: s.twins.client(
                    MlflowClient.create_logged_model,
                    s.experiment(0),
                    name,
                    None,
                    tags,
                    params,
                    **made,
                ),
                lambda s, name, tags, params, **made: s.twins.fluent(
                    mlflow.initialize_logged_model,
                    name,
                    None,
                    tags,
                    params,
                    experiment_id=s.experiment(0),
                    **made,
                ),
            ]
        ),
        pairs(),
    ),
    step(
        lambda s, operation, w: s.twins.client(operation, logged(s, w)),
        st.sampled_from([MlflowClient.get_logged_model, MlflowClient.delete_logged_model]),
        which,
    ),
    step(
        lambda s, w, status: s.twins.fluent(mlflow.finalize_logged_model, logged(s, w), status),
        which,
        st.sampled_from(["READY", "FAILED"]),
    ),
    step(
        lambda s, w, t: s.twins.client(MlflowClient.set_logged_model_tags, logged(s, w), mapped(t)),
        which,
        pairs(),
    ),
    step(
        lambda s, w, k: s.twins.fluent(mlflow.delete_logged_model_tag, logged(s, w), k),
        which,
        st.just("a"),
    ),
    step(
        lambda s, w, v: s.twins.fluent(mlflow.log_model_params, {s.new_name(): v}, logged(s, w)),
        which,
        texts,
    ),
    step(
        lambda s, f: s.twins.fluent(
            mlflow.search_logged_models,
            [s.experiment(0)],
            f,
            order_by=[{"field_name": "name"}],
            output_format="list",
        ),
        some_filters,
    ),
]

trace_filters = st.sampled_from(
    [
        "",
        "status = 'OK'",
        "tags.a = '1'",
        "feedback.score > 1",
        "feedback.score = 'good'",
        "metadata.m IS NOT NULL",
        "nothing = 1",
    ]
)


def trace(s: Sequence, number: int) -> str:
    return s.one("trace", number, "tr-none")


def start_trace(s: Sequence, experiment: int, state: str, tags: list[dict[str, Any]]) -> None:
    # MLflow's server cuts a longer key, which ours refuses.
    short = [tag for tag in tags if len(tag["key"]) <= 250]
    # Its id is ours to choose, so both call it the same.
    number = len(s.made.setdefault("trace", []))
    told = info(
        s.experiment(experiment),
        new_id(),
        state=state,
        tags=mapped(short),
        request_time=f"2025-01-01T00:00:0{number % 10}Z",
        trace_metadata={"m": "1"},
    )
    if s.twins.call("POST", V3, trace={"trace_info": told})[0] == 200:
        s.made["trace"].append(told["trace_id"])


def delete_traces(s: Sequence, number: int, experiment: int, by_client: bool) -> None:
    one, of = trace(s, number), s.experiment(experiment)
    s.gone.add(one)
    if by_client:
        s.twins.client(MlflowClient.delete_traces, of, trace_ids=[one])
    else:
        s.post(V3 + "/delete-traces", experiment_id=of, request_ids=[one])


def assess(s: Sequence, number: int, value: Any) -> None:
    known = f"a-{s.new_name()}"
    s.made.setdefault("assessment", []).append(known)
    s.post(
        f"{V3}/{trace(s, number)}/assessments",
        assessment={
            "assessment_id": known,
            "assessment_name": "score",
            "source": {"source_type": "HUMAN", "source_id": "u"},
            "create_time": "2025-01-01T00:00:00Z",
            "last_update_time": "2025-01-01T00:00:00Z",
            "feedback": {"value": value},
        },
    )


def assessment(s: Sequence, number: int) -> str:
    return s.one("assessment", number, "a-none")


values = st.sampled_from([0, 3, "good", True, {"a": [1, None]}, None])

TRACE: list[st.SearchStrategy[Step]] = [
    step(start_trace, which, st.sampled_from(["OK", "ERROR", "IN_PROGRESS"]), pairs()),
    step(lambda s, w: s.get(f"{V3}/{trace(s, w)}"), which),
    step(
        lambda s, w, k, v: s.living(
            "trace", w, lambda t: s.patch(f"{V3}/{t}/tags", key=k, value=v)
        ),
        which,
        keys,
        texts,
    ),
    step(lambda s, w, k: s.delete(f"{V3}/{trace(s, w)}/tags", key=k), which, keys),
    step(assess, which, values),
    step(lambda s, w, a: s.get(f"{V3}/{trace(s, w)}/assessments/{assessment(s, a)}"), which, which),
    step(
        lambda s, w, a: s.delete(f"{V3}/{trace(s, w)}/assessments/{assessment(s, a)}"),
        which,
        which,
    ),
    step(
        lambda s, w, r: s.post("traces/link-to-run", trace_ids=[trace(s, w)], run_id=s.run(r)),
        which,
        which,
    ),
    step(
        lambda s, w, f, way: s.post(
            V3 + "/search",
            locations=locations(s.experiment(w)),
            filter=f,
            order_by=[f"timestamp {way}"],
        ),
        which,
        trace_filters,
        st.sampled_from(["ASC", "DESC", "UP"]),
    ),
    step(delete_traces, which, which, st.booleans()),
]

TRACE_BY_CLIENTS: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, w, k, v: s.living(
            "trace", w, lambda t: s.twins.client(MlflowClient.set_trace_tag, t, k, v)
        ),
        which,
        keys,
        texts,
    ),
    step(lambda s, w, k: s.twins.fluent(mlflow.delete_trace_tag, trace(s, w), k), which, keys),
    step(
        lambda s, w, v: s.make(
            "assessment",
            lambda known: s.twins.fluent(
                mlflow.log_assessment,
                trace(s, w),
                Feedback(
                    name="score",
                    value=v,
                    source=AssessmentSource("CODE", "c"),
                    create_time_ms=5,
                    last_update_time_ms=5,
                ),
                known=known,
                at="assessment_id",
            ),
        ),
        which,
        values.filter(lambda value: value is not None),
    ),
    step(
        lambda s, operation, w, a: s.twins.fluent(operation, trace(s, w), assessment(s, a)),
        st.sampled_from([mlflow.get_assessment, mlflow.delete_assessment]),
        which,
        which,
    ),
    step(
        lambda s, w, f: s.twins.fluent(
            mlflow.search_traces,
            [s.experiment(w)],
            f,
            max_results=5,
            order_by=["timestamp ASC"],
            return_type="list",
            include_spans=False,
        ),
        which,
        trace_filters,
    ),
    step(
        lambda s, w, r: s.twins.client(MlflowClient.link_traces_to_run, [trace(s, w)], s.run(r)),
        which,
        which,
    ),
]


def dataset(s: Sequence, number: int) -> str:
    return s.one("dataset", number, "d-none")


def create_dataset(s: Sequence, tags: dict[str, str]) -> None:
    s.make(
        "dataset",
        lambda known: s.twins.attempt(
            DATASETS + "/create",
            known,
            ("dataset", "dataset_id"),
            name=s.new_name(),
            experiment_ids=[s.experiment(0)],
            tags=json.dumps(tags),
        ),
    )


def delete_dataset(s: Sequence, number: int, by_client: bool) -> None:
    one = dataset(s, number)
    s.gone.add(one)
    if by_client:
        s.twins.client(MlflowClient.delete_dataset, one)
    else:
        s.delete(f"{DATASETS}/{one}")


some_tags = st.sampled_from([{}, {"a": "1"}, {"a": "ü", "mlflow.user": "eve"}])
records = st.lists(
    st.sampled_from(
        [
            {"inputs": {"q": "a"}},
            {"inputs": {"q": "a"}, "expectations": {"x": 1}, "tags": {"k": "v"}},
            {"inputs": {"q": "b", "n": 1.5}, "outputs": "told"},
            {"inputs": {"q": "c"}, "source": {"source_type": "guess"}},
        ]
    ),
    max_size=3,
)
dataset_filters = st.sampled_from(["", "tags.a = '1'", "name LIKE 'q-%'", "name"])

DATASET: list[st.SearchStrategy[Step]] = [
    step(create_dataset, some_tags),
    step(
        lambda s, w, rest: s.get(f"{DATASETS}/{dataset(s, w)}{rest}"),
        which,
        st.sampled_from(["", "/records", "/experiment-ids"]),
    ),
    step(
        lambda s, w, r: s.living(
            "dataset", w, lambda d: s.post(f"{DATASETS}/{d}/records", records=json.dumps(r))
        ),
        which,
        records,
    ),
    step(
        lambda s, w, t: s.patch(f"{DATASETS}/{dataset(s, w)}/tags", tags=json.dumps(t)),
        which,
        some_tags,
    ),
    step(lambda s, w: s.delete(f"{DATASETS}/{dataset(s, w)}/tags/a"), which),
    step(
        lambda s, w, verb, e: s.post(
            f"{DATASETS}/{dataset(s, w)}/{verb}-experiments", experiment_ids=[s.experiment(e)]
        ),
        which,
        st.sampled_from(["add", "remove"]),
        which,
    ),
    step(
        lambda s, w, f: s.post(
            DATASETS + "/search",
            experiment_ids=[s.experiment(w)],
            filter_string=f,
            order_by=["name"],
        ),
        which,
        dataset_filters,
    ),
    step(delete_dataset, which, st.booleans()),
    step(
        lambda s, t: s.make(
            "dataset",
            lambda known: s.twins.fluent(
                datasets.create_dataset,
                name=s.new_name(),
                experiment_id=[s.experiment(0)],
                tags=t,
                known=known,
                at="dataset_id",
            ),
        ),
        some_tags,
    ),
    step(lambda s, w: s.twins.client(MlflowClient.get_dataset, dataset(s, w)), which),
    step(
        lambda s, w, t: s.twins.client(MlflowClient.set_dataset_tags, dataset(s, w), t),
        which,
        some_tags,
    ),
    step(
        lambda s, f: s.twins.fluent(
            datasets.search_datasets,
            experiment_ids=[s.experiment(0)],
            filter_string=f or None,
            order_by=["name"],
        ),
        dataset_filters,
    ),
]


def scorer(s: Sequence, number: int) -> dict[str, str]:
    # MLflow's server tells of a scorer only in its first experiment.
    return {"experiment_id": "0", "name": f"{s.prefix}-s{number % 2}"}


def register(s: Sequence, number: int, text: str) -> None:
    one = scorer(s, number)
    known = f"<{one['name']}>"
    message = {**one, "serialized_scorer": text}
    if s.twins.attempt(SCORERS + "register", known, ("scorer_id",), **message):
        s.made.setdefault("scorer", []).append(one["name"])


versions = st.sampled_from([1, 2, 9])

SCORER: list[st.SearchStrategy[Step]] = [
    step(register, which, st.sampled_from([json.dumps(JUDGE), '{"a": 1}', "no json", ""])),
    step(
        lambda s, verb, w: s.get(SCORERS + verb, **scorer(s, w)),
        st.sampled_from(["get", "versions"]),
        which,
    ),
    step(lambda s, w, v: s.get(SCORERS + "get", **scorer(s, w), version=v), which, versions),
    step(lambda s, w, v: s.delete(SCORERS + "delete", **scorer(s, w), version=v), which, versions),
    step(
        lambda s, w, v: s.twins.fluent(scorers.delete_scorer, **scorer(s, w), version=v),
        which,
        st.sampled_from([1, 2, "all"]),
    ),
]


def forget_scorers(s: Sequence) -> None:
    """They would be in everybody's lists."""
    for name in set(s.made.get("scorer", [])):
        s.delete(SCORERS + "delete", experiment_id="0", name=name)
