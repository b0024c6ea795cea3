"""Random sequences of calls, right and wrong: both servers give the same answers.

By REST, ``MlflowClient`` and the fluent API. A usual run takes 500 of them, always the same;
``SNAPSLICE_SEQUENCES`` takes so many other ones.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tracking.sequence import Sequence, Step
from tracking.steps_of_models import (
    DATASET,
    MODEL,
    MODEL_BY_CLIENTS,
    SCORER,
    TRACE,
    TRACE_BY_CLIENTS,
    forget_scorers,
)
from tracking.steps_of_registry import REGISTRY, REGISTRY_BY_CLIENTS
from tracking.steps_of_runs import (
    ARTIFACT,
    EXPERIMENT,
    EXPERIMENT_BY_CLIENTS,
    RUN,
    RUN_BY_CLIENTS,
    create_experiment,
    create_run,
)
from tracking.test_datasets_twins import comparable
from tracking.twins import Twins

SEQUENCES = int(os.environ.get("SNAPSLICE_SEQUENCES", "500"))


def sequences(*kinds: list[st.SearchStrategy[Step]]) -> st.SearchStrategy[list[Step]]:
    """Steps of all these kinds; those of the first are as many as all others."""
    first, *others = kinds
    return st.lists(
        st.one_of(st.one_of(first), st.one_of([each for kind in others for each in kind])),
        min_size=3,
        max_size=9,
    )


tracked = sequences(RUN + RUN_BY_CLIENTS, EXPERIMENT, EXPERIMENT_BY_CLIENTS)
registered = sequences(REGISTRY, REGISTRY_BY_CLIENTS, RUN[:1])
stored = sequences(ARTIFACT, RUN[3:4])
modelled = sequences(MODEL, MODEL_BY_CLIENTS)
traced = sequences(TRACE, TRACE_BY_CLIENTS, EXPERIMENT[3:4])
evaluated = sequences(DATASET, SCORER)


@pytest.fixture
def still(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> Twins:
    """Both servers, for clients that have no experiment open, and whose clock stands still."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", str(twins.ours.token))
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    # The clients change it from one server to the other, also in the environment.
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", twins.ours.url)
    monkeypatch.setattr("mlflow.tracking._model_registry.utils._registry_uri", None)
    # What fails, fails again.
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    for module in ("mlflow.tracking.fluent", "mlflow.tracking._tracking_service.client"):
        monkeypatch.setattr(f"{module}.get_current_time_millis", lambda: 7)
    return twins


@settings(
    max_examples=SEQUENCES,
    derandomize="SNAPSLICE_SEQUENCES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.one_of(tracked, tracked, registered, stored, modelled, traced, evaluated))
def test_sequences_of_calls_are_answered_alike(still: Twins, steps: list[Step]) -> None:
    sequence = Sequence(Twins(still.ours, still.theirs, normal=comparable))
    create_experiment(sequence, "first", "a")
    create_run(sequence, 0, "a", "1")

    for step in steps:
        step(sequence)
    forget_scorers(sequence)
