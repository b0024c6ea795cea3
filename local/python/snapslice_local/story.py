"""What a demonstration tells on the terminal, and what in it turned out not to be true."""

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Story:
    """Chapters of commands, answers and checks."""

    wrong: list[str] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        print(f"\n\033[1m{title}\033[0m")

    def command(self, text: str) -> None:
        """What a user would type."""
        print(f"  \033[36m$ {text}\033[0m")

    def say(self, text: str) -> None:
        print(f"  {text}")

    def progress(self, text: str) -> None:
        """A line that the next one is written over, where there is a terminal."""
        if sys.stdout.isatty():
            print(f"\r\033[K  {text}", end="", flush=True)

    def done(self, text: str) -> None:
        """The last state of a progress."""
        print(f"\r\033[K  {text}" if sys.stdout.isatty() else f"  {text}")

    def check(self, claim: str, expected: Any, found: Any) -> None:
        if expected == found:
            print(f"  \033[32m✔\033[0m {claim}")
        else:
            self.wrong.append(claim)
            print(f"  \033[31m✘ not so: {claim}\033[0m")
            print(f"    expected {_short(expected)}\n    found    {_short(found)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + "…"
