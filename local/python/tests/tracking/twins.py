"""The same calls to our MLflow and to MLflow's own server, whose answers have to be the same."""

import operator
import re
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import requests

# Clocks differ; what MLflow says of a database's own error is not ours to repeat.
TIMES = {
    *("creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp"),
    *("creation_timestamp_ms", "last_updated_timestamp_ms", "created_time"),
}
WITH_IDS = {
    *("experiment_id", "run_id", "run_uuid", "model_id", "source_run_id", "request_id", "message"),
    *("scorer_id", "dataset_id", "resource_pattern", "webhook_id"),
    *("artifact_location", "artifact_uri", "root_uri", "source", "mlflow.artifactLocation"),
}

DATABASE_ERROR = re.compile(r" Error: \(.*", re.DOTALL)

# Shows our runs' moments; MLflow's server knows none.
MOMENT = "snapslice.snapshot_time"


@dataclass(frozen=True)
class Server:
    """An MLflow server at ``url``, and a token for it."""

    url: str
    token: str | None
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, message: dict[str, Any]) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        url = self.url + (path if path.startswith("/") else f"/api/2.0/mlflow/{path}")
        if method == "GET":
            answer = self.session.get(url, params=message, headers=headers, timeout=60)
        else:
            answer = self.session.request(method, url, json=message, headers=headers, timeout=60)
        return answer.status_code, answer.json()


@dataclass
class Twins:
    """Both servers, and what each calls the same thing."""

    ours: Server
    theirs: Server
    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def call(self, method: str, path: str, /, **message: Any) -> tuple[int, Any]:
        """Calls both; ids in the message are names that :meth:`create` gave.

        Returns
        -------
        tuple[int, Any]
            our status and answer, after both were found to be the same
        """
        ours = self.told(self.ours, 0, method, path, message)
        theirs = self.told(self.theirs, 1, method, path, message)
        if path.endswith("/search"):
            # Where a filter is wrong is told in other words.
            for _, answer in (ours, theirs):
                answer.pop("message", None)
        assert ours == theirs, f"{method} {path} {message}\nours:   {ours}\ntheirs: {theirs}"
        return ours

    def create(self, path: str, known: str, at: tuple[str, ...], /, **message: Any) -> None:
        """Creates something in both, and remembers it as ``known``: its ids are ``at`` a path."""
        assert self.attempt(path, known, at, **message), message

    def attempt(self, path: str, known: str, at: tuple[str, ...], /, **message: Any) -> bool:
        """The same, and tells whether both did; both have to refuse it alike."""
        answers = [
            server.call("POST", path, self._named(side, message))
            for side, server in enumerate((self.ours, self.theirs))
        ]
        if any(status != 200 for status, _ in answers):
            ours, theirs = (
                (status, plain(answer, self._known(side)))
                for side, (status, answer) in enumerate(answers)
            )
            assert ours == theirs, f"{path} {message}\nours:   {ours}\ntheirs: {theirs}"
            return False
        ids = [reduce(operator.getitem, at, created) for _, created in answers]
        self.names[known] = (str(ids[0]), str(ids[1]))
        return True

    def _known(self, side: int) -> dict[str, str]:
        return {ids[side]: name for name, ids in self.names.items()}

    def told(
        self, server: Server, side: int, method: str, path: str, message: dict[str, Any]
    ) -> tuple[int, Any]:
        """What one of the servers answers, with ids by name."""
        status, answer = server.call(method, path, self._named(side, message))
        return status, plain(answer, self._known(side))

    def _named(self, side: int, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._named(side, part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._named(side, part) for part in value]
        if isinstance(value, str) and value in self.names:
            return self.names[value][side]
        if isinstance(value, str):
            # Within a longer text a name is one only in its brackets; some hold others.
            for name in sorted(self.names, key=len, reverse=True):
                if name.startswith("<"):
                    value = value.replace(name, self.names[name][side])
        return value


def plain(answer: Any, known: dict[str, str]) -> Any:
    """An answer with ids by name, without times of the server, and pairs in one order."""
    if isinstance(answer, list):
        return [plain(part, known) for part in answer]
    if not isinstance(answer, dict):
        return answer
    told: dict[str, Any] = {
        key: named(value, known)
        if key in WITH_IDS and isinstance(value, str)
        else plain(value, known)
        for key, value in answer.items()
        if key not in TIMES
    }
    # Traces have their tags as a map.
    if isinstance(told.get("tags"), list):
        told["tags"] = [tag for tag in told["tags"] if tag.get("key") != MOMENT]
    for key in ("tags", "params", "metrics"):
        pairs = told.get(key)
        if isinstance(pairs, list) and len({entry["key"] for entry in pairs}) == len(pairs):
            told[key] = sorted(pairs, key=lambda entry: str(entry["key"]))
    for key in (
        *("dataset_inputs", "dataset_summaries", "model_inputs", "metrics"),
        *("latest_versions", "aliases"),
    ):
        if key in told and (key != "metrics" or any("model_id" in each for each in told[key])):
            told[key] = sorted(told[key], key=str)
    return told


def named(text: str, known: dict[str, str]) -> str:
    """A text with the names of the ids in it."""
    text = DATABASE_ERROR.sub("", text)
    return re.sub(r"[\w-]+", lambda word: known.get(word.group(), word.group()), text)
