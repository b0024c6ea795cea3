"""Hadoop's own programs, as Spark's distribution has them."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyspark

JARS = Path(pyspark.__file__).parent / "jars"
CONFIGURATION = Path(__file__).parent / "hadoop"


@dataclass(frozen=True)
class Hadoop:
    """Runs classes of Hadoop as somebody.

    ``first`` comes before Spark's jars in the class path, and ``options`` are those of Java.
    """

    user: str = "nobody"
    first: tuple[Path, ...] = (CONFIGURATION,)
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def _command(self, program: str, arguments: tuple[str, ...]) -> list[str]:
        java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
        class_path = os.pathsep.join([*map(str, self.first), f"{JARS}/*"])
        return [str(java), *self.options, "-cp", class_path, program, *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HADOOP_USER_NAME": self.user, **self.environment}

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a class to its end."""
        return subprocess.run(
            self._command(program, arguments),
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def done(self, program: str, *arguments: str) -> str:
        """What a class printed that has to end well."""
        run = self.run(program, *arguments)
        assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
        return run.stdout

    def shell(self, *arguments: str) -> str:
        """What ``hadoop fs`` printed."""
        return self.done("org.apache.hadoop.fs.FsShell", *arguments)

    def start(self, program: str, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start a class that runs until it is stopped."""
        return subprocess.Popen(
            self._command(program, ()), env=self._environment(), stdout=log, stderr=log
        )
