"""MLflow, ours and its own server, for tests that run where MLflow is installed."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import mlflow
import pytest
from ports import free_port
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from stacks import started
from tracking.guarded import PASSWORD, Guarded
from tracking.serving import running
from tracking.twins import Server, Twins


@pytest.fixture(scope="session")
def ours(stack: LocalStack) -> Server:
    return Server(stack.mlflow, token_of(stack))


@pytest.fixture
def signed_in(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's fluent API and its command line speak to ours."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", stack.mlflow)
    mlflow.set_tracking_uri(stack.mlflow)
    mlflow.set_registry_uri(stack.mlflow)


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``mlflow server`` over SQLite."""
    # As ours does on one's own machine, it lets webhooks point to receivers there.
    environment = {
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "https,http",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_CACHE_TTL": "1",
    }
    with mlflow_server(tmp_path_factory.mktemp("mlflow-server"), environment) as url:
        yield Server(url, None)


@contextmanager
def mlflow_server(folder: Path, environment: dict[str, str], *options: str) -> Iterator[str]:
    """MLflow's own server, with its files in a folder."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(folder / "artifacts")),
        *("--port", str(port), "--workers", "1", *options),
    ]
    at = f"http://127.0.0.1:{port}"
    # Its job runners are ten processes more, and nothing here asks for jobs.
    without = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with running(command, folder / "server.log", f"{at}/health", **without, **environment):
        # Its experiments count on from here: by such ids, and not by 1, one knows what is meant.
        with closing(sqlite3.connect(folder / "mlflow.db")) as database, database:
            database.execute(
                "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace)"
                " VALUES (?, 'far', 'deleted', 'default')",
                (10**17,),
            )
        yield at


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Ours and MLflow's server with its auth app, where who was given nothing may read."""
    folder = tmp_path_factory.mktemp("mlflow-auth")
    (folder / "auth.ini").write_text(
        f"[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{folder}/auth.db\n"
        f"admin_username = admin\nadmin_password = {PASSWORD}\n"
        # It takes its time to check a password.
        "auth_cache_ttl_seconds = 3600\n",
        encoding="utf-8",
    )
    environment = {
        "MLFLOW_AUTH_CONFIG_PATH": str(folder / "auth.ini"),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of a test",
    }
    with (
        mlflow_server(folder, environment, "--app-name", "basic-auth") as url,
        started(tmp_path_factory.mktemp("guarded"), "--default-permission", "READ") as stack,
    ):
        yield Guarded(stack, url)


@pytest.fixture(scope="session")
def twins(ours: Server, theirs: Server) -> Twins:
    return Twins(ours, theirs)
