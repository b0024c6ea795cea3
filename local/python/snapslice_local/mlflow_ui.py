"""Fetch MLflow's UI out of MLflow's wheel, laid as a browser asks for it.

``./snapslice`` calls it; the version is that of the MLflow that the tests compare with.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[2] / "requirements-mlflow.txt"
BUILD = "mlflow/server/js/build/"


def pinned() -> str:
    """MLflow's version among the requirements, as pip takes it."""
    return str(re.findall(r"^mlflow==\S+$", REQUIREMENTS.read_text(encoding="utf-8"), re.M)[0])


def fetch(folder: Path) -> None:
    """The wheel's files below ``folder``, whole or not at all: the page, and the rest beside it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        whole = Path(temporary)
        subprocess.run(
            [*pip, "--no-deps", "--only-binary=:all:", "--dest", str(whole), pinned()], check=True
        )
        with zipfile.ZipFile(next(whole.glob("*.whl"))) as wheel:
            wheel.extractall(whole, [name for name in wheel.namelist() if name.startswith(BUILD)])
        site = whole / "site"
        site.mkdir()
        (whole / BUILD / "index.html").rename(site / "index.html")
        (whole / BUILD).rename(site / "static-files")
        shutil.rmtree(folder, ignore_errors=True)
        site.rename(folder)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
