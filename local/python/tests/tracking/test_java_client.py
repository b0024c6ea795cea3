"""MLflow's own Java client, unmodified, against our server and MLflow's."""

import os
import subprocess
import sys
from pathlib import Path

from snapslice_local.rest import ROOT
from tracking.twins import Server


def have_a_user(does: str, server: Server, folder: Path) -> None:
    """Runs ``MlflowJavaUser``, which fails where it is answered otherwise than it wants."""
    target = ROOT / "local/target"
    path = (target / "test-classpath.txt").read_text(encoding="utf-8").strip()
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    program = [
        *(str(java), "-cp", f"{target / 'test-classes'}{os.pathsep}{path}"),
        *("dev.snapslice.local.MlflowJavaUser", does, server.url, str(folder)),
        *((server.token,) if server.token else ()),
    ]
    # What the client tells its Python of server and credentials is all that it knows.
    environment = {name: value for name, value in os.environ.items() if "MLFLOW_" not in name}
    environment["MLFLOW_PYTHON_EXECUTABLE"] = sys.executable

    run = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=180)

    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]


def test_the_java_client_tracks_runs_and_reads_the_registry(ours: Server, tmp_path: Path) -> None:
    have_a_user("track", ours, tmp_path)


def test_mlflows_own_server_answers_it_alike(theirs: Server, tmp_path: Path) -> None:
    have_a_user("track", theirs, tmp_path)


def test_the_java_client_keeps_files(ours: Server, tmp_path: Path) -> None:
    have_a_user("keep-files", ours, tmp_path)
