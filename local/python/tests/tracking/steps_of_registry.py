"""Steps with the model registry: by REST, by ``MlflowClient``, by the fluent API."""

from collections.abc import Callable
from typing import Any

import mlflow
from hypothesis import strategies as st
from mlflow import MlflowClient
from tracking.registry import MODELS, S3, VERSIONS
from tracking.sequence import Step, keys, mapped, pairs, step, texts, which

numbers = st.sampled_from(["1", "2"])
aliases = st.sampled_from(["best", "B.est-2", "latest", "v1", "a b"])
stages = st.sampled_from(["Staging", "production", "None", "Wrong"])
filters = st.sampled_from(
    ["name LIKE '{0}%'", "name LIKE '{0}%' and tags.a = '1'", "name = '{0}-m0'", "b = 1"]
)

REGISTRY: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, w, d, t: s.post(MODELS + "create", name=s.registered(w), description=d, tags=t),
        which,
        texts,
        pairs(),
    ),
    step(
        lambda s, verb, w: s.get(MODELS + verb, name=s.registered(w)),
        st.sampled_from(["get", "get-latest-versions"]),
        which,
    ),
    step(
        lambda s, w, to: s.post(MODELS + "rename", name=s.registered(w), new_name=s.registered(to)),
        which,
        which,
    ),
    step(lambda s, w: s.delete(MODELS + "delete", name=s.registered(w)), which),
    step(
        lambda s, w, k, v: s.post(MODELS + "set-tag", name=s.registered(w), key=k, value=v),
        which,
        keys,
        texts,
    ),
    step(
        lambda s, w, r, t: s.post(
            VERSIONS + "create", name=s.registered(w), source=S3, run_id=s.run(r), tags=t
        ),
        which,
        which,
        pairs(),
    ),
    step(
        lambda s, verb, w, v: s.get(VERSIONS + verb, name=s.registered(w), version=v),
        st.sampled_from(["get", "get-download-uri"]),
        which,
        st.sampled_from(["1", "2", "9", "x"]),
    ),
    step(
        lambda s, w, v, stage, archive: s.post(
            VERSIONS + "transition-stage",
            name=s.registered(w),
            version=v,
            stage=stage,
            archive_existing_versions=archive,
        ),
        which,
        numbers,
        stages,
        st.booleans(),
    ),
    step(
        lambda s, w, a, v: s.post(MODELS + "alias", name=s.registered(w), alias=a, version=v),
        which,
        aliases,
        numbers,
    ),
    step(
        lambda s, w, v: s.delete(VERSIONS + "delete", name=s.registered(w), version=v),
        which,
        numbers,
    ),
    step(lambda s, f: s.get(MODELS + "search", filter=f.format(s.prefix), max_results=10), filters),
]


def on_registered(
    operations: list[Callable[..., object]], *more: st.SearchStrategy[Any]
) -> st.SearchStrategy[Step]:
    """One of some calls of a client with a model's name, and with more that is drawn."""
    return step(
        lambda s, operation, w, *drawn: s.twins.client(operation, s.registered(w), *drawn),
        st.sampled_from(operations),
        which,
        *more,
    )


REGISTRY_BY_CLIENTS: list[st.SearchStrategy[Step]] = [
    step(
        lambda s, w, t, d: s.twins.client(
            MlflowClient.create_registered_model, s.registered(w), mapped(t), d
        ),
        which,
        pairs(),
        texts,
    ),
    on_registered([MlflowClient.get_registered_model, MlflowClient.delete_registered_model]),
    on_registered(
        [MlflowClient.update_registered_model, MlflowClient.rename_registered_model],
        st.sampled_from(["", "ü"]),
    ),
    step(
        lambda s, w, r, t: s.twins.client(
            MlflowClient.create_model_version,
            s.registered(w),
            S3,
            run_id=s.run(r),
            tags=mapped(t),
            await_creation_for=0,
        ),
        which,
        which,
        pairs(),
    ),
    on_registered(
        [
            MlflowClient.get_model_version,
            MlflowClient.get_model_version_download_uri,
            MlflowClient.delete_model_version,
        ],
        numbers,
    ),
    step(
        lambda s, w, v, k, t: s.twins.client(
            MlflowClient.set_model_version_tag, s.registered(w), v, k, t
        ),
        which,
        numbers,
        keys,
        texts,
    ),
    step(
        lambda s, w, a, v: s.twins.client(
            MlflowClient.set_registered_model_alias, s.registered(w), a, v
        ),
        which,
        aliases,
        numbers,
    ),
    on_registered(
        [MlflowClient.get_model_version_by_alias, MlflowClient.delete_registered_model_alias],
        aliases,
    ),
    step(
        lambda s, w: s.twins.fluent(
            mlflow.register_model, S3, s.registered(w), await_registration_for=0
        ),
        which,
    ),
    step(
        lambda s, operation, f: s.twins.fluent(operation, filter_string=f.format(s.prefix)),
        st.sampled_from([mlflow.search_registered_models, mlflow.search_model_versions]),
        filters,
    ),
]
