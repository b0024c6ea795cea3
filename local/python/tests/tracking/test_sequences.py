"""Random sequences of calls, right and wrong: both servers give the same answers.

A usual run takes 500 of them, always the same; ``SNAPSLICE_SEQUENCES`` takes so many other ones.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tracking.registry import MODELS, S3, VERSIONS
from tracking.twins import Twins

SEQUENCES = int(os.environ.get("SNAPSLICE_SEQUENCES", "500"))

keys = st.sampled_from(["a", "b", "loss", "kind of", "x/y", "ü", "a*b", "../a", "k" * 251])
texts = st.sampled_from(["1", "2", "0.5", "", "ü 'q'", "t" * 600])
numbers = st.sampled_from([0, 1, -1.5, 0.1, 1e300, "NaN", "Infinity", "-Infinity", 3])
steps = st.sampled_from([0, 0, 1, 2, -1, 10])
which = st.integers(0, 2)


@dataclass
class Sequence:
    """What the calls of a sequence have made so far, in both servers."""

    twins: Twins
    prefix: str = field(default_factory=lambda: f"q-{uuid.uuid4().hex[:12]}")
    experiments: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    names: int = 0

    def name(self, text: str) -> str:
        """Of an experiment, and of no other: one that is taken is told with SQLite's own error."""
        self.names += 1
        return f"{self.prefix}-{self.names}-{text}"

    def post(self, path: str, **message: Any) -> None:
        self.twins.call("POST", path, **message)

    def get(self, path: str, **message: Any) -> None:
        self.twins.call("GET", path, **message)

    def delete(self, path: str, **message: Any) -> None:
        self.twins.call("DELETE", path, **message)

    def experiment(self, number: int) -> str:
        return self.experiments[number % len(self.experiments)]

    def run(self, number: int) -> str:
        return self.runs[number % len(self.runs)] if self.runs else "f" * 32

    def model(self, number: int) -> str:
        return f"{self.prefix}-m{number % 2}"

    def create_experiment(self, name: str, tag: str) -> None:
        known = f"<{self.prefix} {len(self.experiments)}>"
        if self.twins.attempt(
            "experiments/create",
            known,
            ("experiment_id",),
            name=self.name(name),
            tags=[{"key": tag, "value": "1"}],
        ):
            self.experiments.append(known)

    def create_run(self, experiment: int, tag: str, value: str) -> None:
        known = f"<{self.prefix} r{len(self.runs)}>"
        if self.twins.attempt(
            "runs/create",
            known,
            ("run", "info", "run_id"),
            experiment_id=self.experiment(experiment),
            run_name=f"run {len(self.runs) % 2}",
            start_time=len(self.runs),
            tags=[{"key": tag, "value": value}],
        ):
            self.runs.append(known)


Step = Callable[[Sequence], None]


def pairs() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Entries whose keys are not the same."""
    entry = st.fixed_dictionaries({"key": keys, "value": texts})
    return st.lists(entry, max_size=3, unique_by=lambda each: each["key"])


# MLflow refuses a moment with the value as it came, and we with the one that is kept.
metric = st.one_of(
    st.fixed_dictionaries(
        {"key": keys, "value": numbers, "timestamp": st.sampled_from([0, 1, 2]), "step": steps}
    ),
    st.fixed_dictionaries(
        {"key": keys, "value": st.just(1.5), "timestamp": st.just(-1), "step": steps}
    ),
)

EXPERIMENT: list[st.SearchStrategy[Step]] = [
    st.builds(lambda n, t: lambda s: s.create_experiment(n, t), texts, keys),
    st.builds(lambda w: lambda s: s.get("experiments/get", experiment_id=s.experiment(w)), which),
    st.builds(
        lambda w, n: (
            lambda s: s.post(
                "experiments/update", experiment_id=s.experiment(w), new_name=s.name(n)
            )
        ),
        which,
        texts,
    ),
    st.builds(
        lambda verb, w: lambda s: s.post("experiments/" + verb, experiment_id=s.experiment(w)),
        st.sampled_from(["delete", "restore"]),
        which,
    ),
    st.builds(
        lambda w, k, v: (
            lambda s: s.post(
                "experiments/set-experiment-tag", experiment_id=s.experiment(w), key=k, value=v
            )
        ),
        which,
        keys,
        texts,
    ),
    st.builds(
        lambda view, asc: (
            lambda s: s.post(
                "experiments/search",
                filter=f"name LIKE '{s.prefix}%'",
                view_type=view,
                max_results=10,
                order_by=[f"name {asc}"],
            )
        ),
        st.sampled_from(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]),
        st.sampled_from(["ASC", "DESC"]),
    ),
]

RUN: list[st.SearchStrategy[Step]] = [
    st.builds(lambda w, k, v: lambda s: s.create_run(w, k, v), which, keys, texts),
    st.builds(lambda w: lambda s: s.get("runs/get", run_id=s.run(w)), which),
    st.builds(
        lambda w, status, name: (
            lambda s: s.post(
                "runs/update", run_id=s.run(w), status=status, end_time=7, run_name=name
            )
        ),
        which,
        st.sampled_from(["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED", "NONE"]),
        st.sampled_from(["run 0", "run 2", ""]),
    ),
    st.builds(
        lambda verb, w: lambda s: s.post("runs/" + verb, run_id=s.run(w)),
        st.sampled_from(["delete", "restore"]),
        which,
    ),
    st.builds(
        lambda w, m: lambda s: s.post("runs/log-metric", run_id=s.run(w), **m), which, metric
    ),
    st.builds(
        lambda verb, w, k, v: lambda s: s.post("runs/" + verb, run_id=s.run(w), key=k, value=v),
        st.sampled_from(["log-parameter", "set-tag"]),
        which,
        keys,
        texts,
    ),
    st.builds(
        lambda w, k: lambda s: s.post("runs/delete-tag", run_id=s.run(w), key=k), which, keys
    ),
    st.builds(
        lambda w, m, p, t: (
            lambda s: s.post("runs/log-batch", run_id=s.run(w), metrics=m, params=p, tags=t)
        ),
        which,
        st.lists(metric, max_size=4),
        pairs(),
        pairs(),
    ),
    st.builds(
        lambda w, k: lambda s: s.get("metrics/get-history", run_id=s.run(w), metric_key=k),
        which,
        keys,
    ),
    st.builds(
        lambda w, n, c: (
            lambda s: s.post(
                "runs/log-inputs",
                run_id=s.run(w),
                datasets=[
                    {
                        "tags": [{"key": "mlflow.data.context", "value": c}],
                        "dataset": {
                            "name": n,
                            "digest": "d",
                            "source_type": "local",
                            "source": "{}",
                        },
                    }
                ],
            )
        ),
        which,
        st.sampled_from(["train", "test"]),
        st.sampled_from(["training", "evaluation"]),
    ),
    st.builds(
        lambda w, f, o, view: (
            lambda s: s.post(
                "runs/search",
                experiment_ids=[s.experiment(w), s.experiment(w + 1)],
                filter=f,
                order_by=o,
                run_view_type=view,
            )
        ),
        which,
        st.sampled_from(
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
        ),
        st.sampled_from(
            [
                [],
                ["metrics.loss DESC"],
                ["params.a ASC", "start_time DESC"],
                ["tags.b"],
                ["attributes.run_name DESC"],
                ["metrics.a ASC", "metrics.b DESC"],
            ]
        ),
        st.sampled_from(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]),
    ),
]

REGISTRY: list[st.SearchStrategy[Step]] = [
    st.builds(
        lambda w, d, t: lambda s: s.post(MODELS + "create", name=s.model(w), description=d, tags=t),
        which,
        texts,
        pairs(),
    ),
    st.builds(
        lambda verb, w: lambda s: s.get(MODELS + verb, name=s.model(w)),
        st.sampled_from(["get", "get-latest-versions"]),
        which,
    ),
    st.builds(
        lambda w, to: lambda s: s.post(MODELS + "rename", name=s.model(w), new_name=s.model(to)),
        which,
        which,
    ),
    st.builds(lambda w: lambda s: s.delete(MODELS + "delete", name=s.model(w)), which),
    st.builds(
        lambda w, k, v: lambda s: s.post(MODELS + "set-tag", name=s.model(w), key=k, value=v),
        which,
        keys,
        texts,
    ),
    st.builds(
        lambda w, r, t: (
            lambda s: s.post(
                VERSIONS + "create", name=s.model(w), source=S3, run_id=s.run(r), tags=t
            )
        ),
        which,
        which,
        pairs(),
    ),
    st.builds(
        lambda verb, w, v: lambda s: s.get(VERSIONS + verb, name=s.model(w), version=v),
        st.sampled_from(["get", "get-download-uri"]),
        which,
        st.sampled_from(["1", "2", "9", "x"]),
    ),
    st.builds(
        lambda w, v, stage, archive: (
            lambda s: s.post(
                VERSIONS + "transition-stage",
                name=s.model(w),
                version=v,
                stage=stage,
                archive_existing_versions=archive,
            )
        ),
        which,
        st.sampled_from(["1", "2"]),
        st.sampled_from(["Staging", "production", "None", "Wrong"]),
        st.booleans(),
    ),
    st.builds(
        lambda w, a, v: lambda s: s.post(MODELS + "alias", name=s.model(w), alias=a, version=v),
        which,
        st.sampled_from(["best", "B.est-2", "latest", "v1", "a b"]),
        st.sampled_from(["1", "2"]),
    ),
    st.builds(
        lambda w, v: lambda s: s.delete(VERSIONS + "delete", name=s.model(w), version=v),
        which,
        st.sampled_from(["1", "2"]),
    ),
    st.builds(
        lambda f: lambda s: s.get(MODELS + "search", filter=f.format(s.prefix), max_results=10),
        st.sampled_from(
            ["name LIKE '{0}%'", "name LIKE '{0}%' and tags.a = '1'", "name = '{0}-m0'", "b = 1"]
        ),
    ),
]

tracked = st.lists(st.one_of(RUN * 2 + EXPERIMENT), min_size=3, max_size=9)
registered = st.lists(st.one_of(REGISTRY * 2 + RUN[:1]), min_size=3, max_size=9)


@settings(
    max_examples=SEQUENCES,
    derandomize="SNAPSLICE_SEQUENCES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.one_of(tracked, tracked, registered))
def test_sequences_of_calls_are_answered_alike(twins: Twins, steps: list[Step]) -> None:
    sequence = Sequence(twins)
    sequence.create_experiment("first", "a")
    sequence.create_run(0, "a", "1")

    for step in steps:
        step(sequence)
