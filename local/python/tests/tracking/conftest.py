"""MLflow, ours and its own server, for tests that run where MLflow is installed."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from ports import free_port, wait_for
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from tracking.twins import Server, Twins


@pytest.fixture(scope="session")
def ours(stack: LocalStack) -> Server:
    return Server(stack.mlflow, token_of(stack))


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``mlflow server`` over SQLite."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(folder / "artifacts")),
        *("--port", str(port), "--workers", "1"),
    ]
    with (folder / "server.log").open("wb") as output:
        # Its job runners are ten processes more, and nothing here asks for jobs.
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=environment
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", 120)
        # Its experiments count on from here: by such ids, and not by 1, one knows what is meant.
        with closing(sqlite3.connect(folder / "mlflow.db")) as database, database:
            database.execute(
                "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace)"
                " VALUES (?, 'far', 'deleted', 'default')",
                (10**17,),
            )
        yield Server(f"http://127.0.0.1:{port}", None)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def twins(ours: Server, theirs: Server) -> Twins:
    return Twins(ours, theirs)
