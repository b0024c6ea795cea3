"""A sequence of calls to both servers: what it has made, and what its steps are drawn from."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from tracking.twins import Twins

keys = st.sampled_from(["a", "b", "loss", "kind of", "x/y", "ü", "a*b", "../a", "k" * 251])
texts = st.sampled_from(["1", "2", "0.5", "", "ü 'q'", "t" * 600])
steps = st.sampled_from([0, 0, 1, 2, -1, 10])
which = st.integers(0, 2)
views = st.sampled_from(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"])
directions = st.sampled_from(["ASC", "DESC"])


@dataclass
class Sequence:
    """What the calls of a sequence have made so far, in both servers."""

    twins: Twins
    prefix: str = field(default_factory=lambda: f"q-{uuid.uuid4().hex[:12]}")
    made: dict[str, list[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    names: int = 0

    def new_name(self, text: str = "") -> str:
        """Of no other: an experiment's that is taken is told with SQLite's own error."""
        self.names += 1
        return f"{self.prefix}-{self.names}-{text}"

    def post(self, path: str, /, **message: Any) -> None:
        self.twins.call("POST", path, **message)

    def get(self, path: str, /, **message: Any) -> None:
        self.twins.call("GET", path, **message)

    def patch(self, path: str, /, **message: Any) -> None:
        self.twins.call("PATCH", path, **message)

    def delete(self, path: str, /, **message: Any) -> None:
        self.twins.call("DELETE", path, **message)

    def make(self, kind: str, create: Callable[[str], bool]) -> None:
        """Remembers what is made, if it is."""
        known = f"<{self.prefix} {kind} {len(self.made.setdefault(kind, []))}>"
        if create(known):
            self.made[kind].append(known)

    def one(self, kind: str, number: int, otherwise: str) -> str:
        """One of those that were made, or what there is none of."""
        made = self.made.get(kind)
        return made[number % len(made)] if made else otherwise

    def living(self, kind: str, number: int, change: Callable[[str], object]) -> None:
        """Changes one that is there, where MLflow's server fails at all others."""
        one = self.one(kind, number, "none")
        if one != "none" and one not in self.gone:
            change(one)

    def experiment(self, number: int) -> str:
        return self.one("experiment", number, "0")

    def run(self, number: int) -> str:
        return self.one("run", number, "f" * 32)

    def registered(self, number: int) -> str:
        """The name of a registered model that there may be."""
        return f"{self.prefix}-m{number % 2}"


Step = Callable[[Sequence], None]


def step(action: Callable[..., object], *drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """What does something to a sequence, with values that are drawn."""

    def of(values: tuple[Any, ...]) -> Step:
        return lambda sequence: void(action(sequence, *values))

    return st.tuples(*drawn).map(of)


def void(_: object) -> None:
    """For what nobody looks at."""


def pairs() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Entries whose keys are not the same."""
    entry = st.fixed_dictionaries({"key": keys, "value": texts})
    return st.lists(entry, max_size=3, unique_by=lambda each: each["key"])


def mapped(entries: list[dict[str, Any]]) -> dict[str, str]:
    """The same as clients take it."""
    return {entry["key"]: entry["value"] for entry in entries}
