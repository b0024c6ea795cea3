"""Steps with experiments, runs and artifacts: by REST, ``MlflowClient`` and the fluent API."""

from collections.abc import Callable
from typing import Any

import mlflow
import requests
from hypothesis import strategies as st
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from tracking.sequence import (
    Sequence,
    Step,
    directions,
    keys,
    mapped,
    pairs,
    step,
    steps,
    texts,
    views,
    which,
)

numbers = st.sampled_from([0, 1, -1.5, 0.1, 1e300, "NaN", "Infinity", "-Infinity", 3])
statuses = st.sampled_from(["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED", "NONE"])
paths = st.sampled_from(["a.txt", "d/b.txt", "d/e/c ü.txt", "d", "", "../a", "/a"])

# MLflow refuses a moment with the value as it came, and we with the one that is kept.
metric = st.one_of(
    st.fixed_dictionaries(
        {"key": keys, "value": numbers, "timestamp": st.sampled_from([0, 1, 2]), "step": steps}
    ),
    st.fixed_dictionaries(
        {"key": keys, "value": st.just(1.5), "timestamp": st.just(-1), "step": steps}
    ),
)


def create_experiment(s: Sequence, name: str, tag: str) -> None:
    s.make(
        "experiment",
        lambda known: s.twins.attempt(
            "experiments/create",
            known,
            ("experiment_id",),
            name=s.new_name(name),
            tags=[{"key": tag, "value": "1"}],
        ),
    )


def create_run(s: Sequence, experiment: int, tag: str, value: str) -> None:
    count = len(s.made.get("run", []))
    s.make(
        "run",
        lambda known: s.twins.attempt(
            "runs/create",
            known,
            ("run", "info", "run_id"),
            experiment_id=s.experiment(experiment),
            run_name=f"run {count % 2}",
            start_time=count,
            tags=[{"key": tag, "value": value}],
        ),
    )


def start_run(experiment: str, name: str, value: str) -> mlflow.entities.Run:
    with mlflow.start_run(experiment_id=experiment, run_name=name) as run:
        mlflow.log_params({"a": value, "kind of": "ü"})
        mlflow.log_metrics({"loss": 0.5, "a": 1}, step=1)
    return run


def within(run: str, operation: Callable[..., Any], *arguments: Any) -> None:
    """What a script does that goes on with a run."""
    with mlflow.start_run(run_id=run):
        operation(*arguments)


def content(uri: str) -> str:
    """Of an artifact; what is wrong with one is told with the client's own folders."""
    try:
        return str(mlflow.artifacts.load_text(uri))
    except (MlflowException, requests.HTTPError, OSError) as wrong:
        raise MlflowException("cannot be read") from wrong


EXPERIMENT: list[st.SearchStrategy[Step]] = [
    step(create_experiment, texts, keys),
    step(lambda s, w: s.get("experiments/get", experiment_id=s.experiment(w)), which),
    step(
        lambda s, w, n: s.post(
            "experiments/update", experiment_id=s.experiment(w), new_name=s.new_name(n)
        ),
        which,
        texts,
    ),
    step(
        lambda s, verb, w: s.post("experiments/" + verb, experiment_id=s.experiment(w)),
        st.sampled_from(["delete", "restore"]),
        which,
    ),
    step(
        lambda s, w, k, v: s.post(
            "experiments/set-experiment-tag", experiment_id=s.experiment(w), key=k, value=v
        ),
        which,
        keys,
        texts,
    ),
    step(
        lambda s, view, way: s.post(
            "experiments/search",
            filter=f"name LIKE '{s.prefix}%'",
            view_type=view,
            max_results=10,
            order_by=[f"name {way}"],
        ),
        views,
        directions,
    ),
]

EXPERIMENT_BY_CLIENTS: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, n, t: s.make(
            "experiment",
            lambda known: s.twins.client(
                MlflowClient.create_experiment, s.new_name(n), tags=mapped(t), known=known
            ),
        ),
        texts,
        pairs(),
    ),
    step(
        lambda s, operation, w: s.twins.client(operation, s.experiment(w)),
        st.sampled_from(
            [
                MlflowClient.get_experiment,
                MlflowClient.delete_experiment,
                MlflowClient.restore_experiment,
            ]
        ),
        which,
    ),
    step(
        lambda s, w, k, v: s.twins.client(MlflowClient.set_experiment_tag, s.experiment(w), k, v),
        which,
        keys,
        texts,
    ),
    step(
        lambda s, w, n: s.twins.client(
            MlflowClient.rename_experiment, s.experiment(w), s.new_name(n)
        ),
        which,
        texts,
    ),
    step(
        lambda s, n: s.twins.fluent(mlflow.get_experiment_by_name, f"{s.prefix}-{n}-first"),
        st.sampled_from([1, 2]),
    ),
    step(
        lambda s, view, way: s.twins.fluent(
            mlflow.search_experiments,
            view_type=ViewType.from_string(view.lower()),
            filter_string=f"name LIKE '{s.prefix}%'",
            order_by=[f"name {way}"],
        ),
        views,
        directions,
    ),
]

filters = st.sampled_from(
    [
        "",
        "metrics.loss > 0",
        "metrics.loss != 0.1 and params.a = '1'",
        "params.`kind of` LIKE '%'",
        "tags.b IS NULL",
        "tags.a IS NOT NULL and status = 'FINISHED'",
        "attributes.run_name ILIKE 'RUN%'",
        "dataset.name = 'train' and dataset.context = 'training'",
        "start_time >= 1",
        "metrics.loss = 'x'",
        "nothing.at.all = 1",
        "params.a = '1",
    ]
)
orders = st.sampled_from(
    [
        [],
        ["metrics.loss DESC"],
        ["params.a ASC", "start_time DESC"],
        ["tags.b"],
        ["attributes.run_name DESC"],
        ["metrics.a ASC", "metrics.b DESC"],
    ]
)

RUN: list[st.SearchStrategy[Step]] = [
    step(create_run, which, keys, texts),
    step(lambda s, w: s.get("runs/get", run_id=s.run(w)), which),
    step(
        lambda s, w, status, name: s.post(
            "runs/update", run_id=s.run(w), status=status, end_time=7, run_name=name
        ),
        which,
        statuses,
        st.sampled_from(["run 0", "run 2", ""]),
    ),
    step(
        lambda s, verb, w: s.post("runs/" + verb, run_id=s.run(w)),
        st.sampled_from(["delete", "restore"]),
        which,
    ),
    step(lambda s, w, m: s.post("runs/log-metric", run_id=s.run(w), **m), which, metric),
    step(
        lambda s, verb, w, k, v: s.post("runs/" + verb, run_id=s.run(w), key=k, value=v),
        st.sampled_from(["log-parameter", "set-tag"]),
        which,
        keys,
        texts,
    ),
    step(lambda s, w, k: s.post("runs/delete-tag", run_id=s.run(w), key=k), which, keys),
    step(
        lambda s, w, m, p, t: s.post(
            "runs/log-batch", run_id=s.run(w), metrics=m, params=p, tags=t
        ),
        which,
        st.lists(metric, max_size=4),
        pairs(),
        pairs(),
    ),
    step(lambda s, w, k: s.get("metrics/get-history", run_id=s.run(w), metric_key=k), which, keys),
    step(
        lambda s, w, n, c: s.post(
            "runs/log-inputs",
            run_id=s.run(w),
            datasets=[
                {
                    "tags": [{"key": "mlflow.data.context", "value": c}],
                    "dataset": {"name": n, "digest": "d", "source_type": "local", "source": "{}"},
                }
            ],
        ),
        which,
        st.sampled_from(["train", "test"]),
        st.sampled_from(["training", "evaluation"]),
    ),
    step(
        lambda s, w, f, o, view: s.post(
            "runs/search",
            experiment_ids=[s.experiment(w), s.experiment(w + 1)],
            filter=f,
            order_by=o,
            run_view_type=view,
        ),
        which,
        filters,
        orders,
        views,
    ),
]

RUN_BY_CLIENTS: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, w, t, n: s.make(
            "run",
            lambda known: s.twins.client(
                MlflowClient.create_run,
                s.experiment(w),
                start_time=n + 1,
                tags=mapped(t),
                run_name=f"run {n}",
                known=known,
                at="info.run_id",
            ),
        ),
        which,
        pairs(),
        which,
    ),
    step(
        lambda s, operation, w: s.twins.client(operation, s.run(w)),
        st.sampled_from(
            [
                MlflowClient.get_run,
                MlflowClient.delete_run,
                MlflowClient.restore_run,
                MlflowClient.set_terminated,
            ]
        ),
        which,
    ),
    step(
        lambda s, operation, w, k, v: s.twins.client(operation, s.run(w), k, v),
        st.sampled_from([MlflowClient.log_param, MlflowClient.set_tag]),
        which,
        keys,
        texts,
    ),
    step(
        lambda s, operation, w, k: s.twins.client(operation, s.run(w), k),
        st.sampled_from([MlflowClient.delete_tag, MlflowClient.get_metric_history]),
        which,
        keys,
    ),
    step(
        lambda s, w, m, p, t: s.twins.client(
            MlflowClient.log_batch,
            s.run(w),
            [Metric(e["key"], float(e["value"]), e["timestamp"], e["step"]) for e in m],
            [Param(e["key"], e["value"]) for e in p],
            [RunTag(e["key"], e["value"]) for e in t],
        ),
        which,
        st.lists(metric, max_size=4),
        pairs(),
        pairs(),
    ),
    step(
        lambda s, w, c: s.twins.client(
            MlflowClient.log_inputs,
            s.run(w),
            [
                DatasetInput(
                    Dataset("train", "d", "local", "{}"), [InputTag("mlflow.data.context", c)]
                )
            ],
        ),
        which,
        st.sampled_from(["training", "evaluation"]),
    ),
    step(
        lambda s, w, n, v: s.make(
            "run",
            lambda known: s.twins.fluent(
                start_run, s.experiment(w), f"run {n}", v, known=known, at="info.run_id"
            ),
        ),
        which,
        which,
        texts,
    ),
    step(
        lambda s, w, operation, k, v: s.twins.fluent(within, s.run(w), operation, k, v),
        which,
        st.sampled_from([mlflow.log_param, mlflow.set_tag]),
        keys,
        texts,
    ),
    step(
        lambda s, w, k, v, n: s.twins.fluent(
            mlflow.log_metric, k, v, step=n, timestamp=3, run_id=s.run(w)
        ),
        which,
        keys,
        st.sampled_from([0, 0.1, float("inf"), float("nan")]),
        steps,
    ),
    step(
        lambda s, w, f, o, view: s.twins.fluent(
            mlflow.search_runs,
            [s.experiment(w), s.experiment(w + 1)],
            f,
            ViewType.from_string(view.lower()),
            order_by=o,
            output_format="list",
        ),
        which,
        filters,
        orders,
        views,
    ),
]

ARTIFACT: list[st.SearchStrategy[Step]] = [
    step(lambda s, w, p: s.get("artifacts/list", run_id=s.run(w), path=p), which, paths),
    step(
        lambda s, w, t, p: s.twins.client(MlflowClient.log_text, s.run(w), t, p),
        which,
        texts,
        paths.filter(lambda path: path not in ("d", "")),
    ),
    step(lambda s, w, p: s.twins.client(MlflowClient.list_artifacts, s.run(w), p), which, paths),
    step(
        lambda s, w, p: s.twins.fluent(content, f"runs:/{s.run(w)}/{p}"),
        which,
        st.sampled_from(["a.txt", "d/b.txt", "d/e/c ü.txt", "none"]),
    ),
    step(
        lambda s, w: s.twins.fluent(
            within, s.run(w), mlflow.log_dict, {"a": [1, "ü"]}, "d/dict.json"
        ),
        which,
    ),
]
