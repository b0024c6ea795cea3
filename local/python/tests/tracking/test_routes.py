"""Every route of MLflow's own server: what ours says to it, as ``docs/mlflow-routes.md`` tells.

``SNAPSLICE_WRITE_ROUTES=1`` writes that file anew.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from mlflow.server.handlers import get_endpoints
from tracking.twins import Server, Twins

TABLE = Path(__file__).parents[4] / "docs" / "mlflow-routes.md"
HEAD = """# Routes of MLflow

What we answer to every route of MLflow 3.17.2's own server, at `/api` and `/ajax-api` alike.
*Empty*: as MLflow's server answers that has none of it, because its UI asks by itself.
*Not implemented*: the error `NOT_IMPLEMENTED`. *Missing*: `ENDPOINT_NOT_FOUND`.

`test_routes.py` compares this table with what is so, and writes it with `SNAPSLICE_WRITE_ROUTES=1`.

| route | method | state |
|---|---|---|
"""

# What the UI asks by itself of features that we have not.
EMPTY: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "3.0/mlflow/gateway/budgets/list"): {},
    ("GET", "3.0/mlflow/gateway/budgets/windows"): {},
    ("GET", "3.0/mlflow/gateway/endpoints/bindings/list"): {},
    ("GET", "3.0/mlflow/gateway/endpoints/list"): {},
    ("GET", "3.0/mlflow/gateway/guardrails/list"): {},
    ("GET", "3.0/mlflow/gateway/model-definitions/list"): {},
    ("GET", "3.0/mlflow/gateway/secrets/list"): {},
    ("POST", "3.0/mlflow/issues/search"): {"experiment_id": "0"},
    ("GET", "3.0/mlflow/scorers/online-configs"): {"scorer_ids": ["none"]},
    ("GET", "3.0/mlflow/prompt-optimization/jobs/search"): {"experiment_id": "0"},
    ("POST", "3.0/mlflow/prompt-optimization/jobs/search"): {"experiment_id": "0"},
    ("GET", "3.0/mlflow/review-queues/list"): {"experiment_id": "0"},
}

# The same, where MLflow's server says what it has at once, or what it could have.
NOT_AS_THEIRS = {
    ("GET", "3.0/mlflow/assistant/providers"),
    ("GET", "3.0/mlflow/gateway/secrets/config"),
    ("GET", "3.0/mlflow/gateway/supported-models"),
    ("GET", "3.0/mlflow/gateway/supported-providers"),
    ("GET", "3.0/mlflow/label-schemas/list"),
}

# Not part of MLflow's table of endpoints, but its UI asks them.
BESIDES: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "2.0/mlflow/gateway-proxy"): {"gateway_path": "api/2.0/endpoints/"},
    ("GET", "3.0/mlflow/assistant/config"): {},
    ("GET", "3.0/mlflow/ui-telemetry"): {},
    ("POST", "3.0/mlflow/ui-telemetry"): {"records": [{"event_name": "a"}]},
}


def routes() -> list[tuple[str, str]]:
    """Paths and methods, once each: those for browsers count as the others."""
    all_of_them = {
        (re.sub(r"^/(ajax-)?api/", "", path), method)
        for path, _, methods in get_endpoints()
        for method in methods
        # MLflow has lost a slash there.
        if not path.endswith("2.0mlflow/experiments/search-datasets")
    }
    return sorted(all_of_them)


def state(ours: Server, path: str, method: str) -> str:
    filled = re.sub(r"<[^>]+>", "x", path)
    codes = set()
    for prefix in ("/api/", "/ajax-api/"):
        url = filled if path.startswith("/") else prefix + filled
        headers = {"authorization": f"Bearer {ours.token}"}
        body: dict[str, str] | None = None if method == "GET" else {}
        answer = ours.session.request(
            method, ours.url + url, json=body, headers=headers, timeout=60
        )
        match = re.search(r'"error_code":\s*"(\w+)"', answer.text[:1_000])
        codes.add(match.group(1) if match else "")
        # Whatever is wrong with a call, it is no fault of ours.
        expected = answer.status_code < 500 or codes == {"NOT_IMPLEMENTED"}
        assert expected, f"{method} {url}: {answer.status_code} {answer.text[:1_000]}"
    if codes == {"NOT_IMPLEMENTED"}:
        return "not implemented"
    if "ENDPOINT_NOT_FOUND" in codes:
        return "missing"
    empty = (method, path) in EMPTY or (method, path) in NOT_AS_THEIRS
    return "empty" if empty else "there"


def test_the_table_of_routes_is_what_we_answer(ours: Server) -> None:
    rows = [f"| `{path}` | {method} | {state(ours, path, method)} |" for path, method in routes()]
    table = HEAD + "\n".join(rows) + "\n"
    if os.environ.get("SNAPSLICE_WRITE_ROUTES"):
        TABLE.write_text(table)

    assert TABLE.read_text() == table


@pytest.mark.parametrize(("method", "path"), [*EMPTY, *BESIDES])
def test_what_is_empty_is_told_alike(twins: Twins, method: str, path: str) -> None:
    message = EMPTY.get((method, path), BESIDES.get((method, path), {}))

    assert twins.call(method, f"/ajax-api/{path}", **message)[0] == 200


@pytest.mark.parametrize(("method", "path"), sorted(NOT_AS_THEIRS))
def test_other_empty_routes_answer(ours: Server, method: str, path: str) -> None:
    assert ours.call(method, f"/ajax-api/{path}", {})[0] == 200
