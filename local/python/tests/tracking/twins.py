"""The same calls to our MLflow and to MLflow's own server, whose answers have to be the same."""

import math
import operator
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from functools import partial, reduce
from typing import Any

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

# Clocks differ; what MLflow says of a database's own error is not ours to repeat.
TIMES = {
    *("creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp"),
    *("creation_timestamp_ms", "last_updated_timestamp_ms", "created_time"),
}
WITH_IDS = {
    *("experiment_id", "run_id", "run_uuid", "model_id", "source_run_id", "request_id", "message"),
    *("scorer_id", "dataset_id", "resource_pattern", "webhook_id", "assessment_id", "overrides"),
    *("artifact_location", "artifact_uri", "root_uri", "source", "mlflow.artifactLocation"),
    *("model_uri", "mlflow.parentRunId"),
}

AT_ONCE = ThreadPoolExecutor(1)

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
    # What else is not compared of an answer.
    normal: Callable[[Any], Any] = lambda answer: answer

    def call(self, method: str, path: str, /, **message: Any) -> tuple[int, Any]:
        """Calls both; ids in the message are names that :meth:`create` gave.

        Returns
        -------
        tuple[int, Any]
            our status and answer, after both were found to be the same
        """
        asked = AT_ONCE.submit(self.told, self.theirs, 1, method, path, message)
        ours = self.told(self.ours, 0, method, path, message)
        theirs = asked.result()
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
        asked = [(self._named(side, path), self._named(side, message)) for side in (0, 1)]
        theirs_told = AT_ONCE.submit(self.theirs.call, "POST", *asked[1])
        answers = [self.ours.call("POST", *asked[0]), theirs_told.result()]
        if any(status != 200 for status, _ in answers):
            ours, theirs = (
                (status, self._plain(side, answer)) for side, (status, answer) in enumerate(answers)
            )
            assert ours == theirs, f"{path} {message}\nours:   {ours}\ntheirs: {theirs}"
            return False
        ids = [reduce(operator.getitem, at, created) for _, created in answers]
        self.names[known] = (str(ids[0]), str(ids[1]))
        return True

    def _plain(self, side: int, answer: Any) -> Any:
        known = {ids[side]: name for name, ids in self.names.items()}
        return self.normal(plain(answer, known))

    def told(
        self, server: Server, side: int, method: str, path: str, message: dict[str, Any]
    ) -> tuple[int, Any]:
        """What one of the servers answers, with ids by name."""
        status, answer = server.call(method, self._named(side, path), self._named(side, message))
        return status, self._plain(side, answer)

    def client(
        self,
        operation: Callable[..., Any],
        /,
        *arguments: Any,
        known: str = "",
        at: str = "",
        **more: Any,
    ) -> bool:
        """Lets ``MlflowClient`` do the same with both, and tells whether it did.

        What both return or raise has to be the same; what they made is remembered as ``known``,
        by the id that the attribute ``at`` has.
        """
        ours, theirs = (
            partial(operation, MlflowClient(server.url, server.url))
            for server in (self.ours, self.theirs)
        )
        return self._do((ours, theirs), arguments, more, (known, at), operation.__name__)

    def fluent(
        self,
        operation: Callable[..., Any],
        /,
        *arguments: Any,
        known: str = "",
        at: str = "",
        **more: Any,
    ) -> bool:
        """The same of a function that finds the server by itself."""

        def there(server: Server, *given: Any, **more: Any) -> Any:
            mlflow.set_tracking_uri(server.url)
            mlflow.set_registry_uri(server.url)
            return operation(*given, **more)

        both = (partial(there, self.ours), partial(there, self.theirs))
        return self._do(both, arguments, more, (known, at), operation.__name__)

    def _do(
        self,
        both: tuple[Callable[..., Any], Callable[..., Any]],
        arguments: tuple[Any, ...],
        more: dict[str, Any],
        made: tuple[str, str],
        what: str,
    ) -> bool:
        def at(side: int) -> Any:
            given, named = self._named(side, [list(arguments), more])
            try:
                return both[side](*given, **named)
            except (MlflowException, requests.HTTPError) as refused:
                return refused

        # One after the other: the client keeps the server's address in the process.
        done = [at(0), at(1)]
        did = not any(isinstance(each, Exception) for each in done)
        known, path = made
        if known and did:
            ids = [operator.attrgetter(path)(each) if path else each for each in done]
            self.names[known] = (str(ids[0]), str(ids[1]))
        ours, theirs = (self._plain(side, [shown(each)]) for side, each in enumerate(done))
        if "search" in what and not did:
            # Where a filter is wrong is told in other words.
            for answer in (ours[0], theirs[0]):
                answer.pop("message", None)
        assert ours == theirs, f"{what} {arguments} {more}\nours:   {ours}\ntheirs: {theirs}"
        return did

    def _named(self, side: int, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._named(side, part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._named(side, part) for part in value]
        if isinstance(value, str) and value in self.names:
            return self.names[value][side]
        if isinstance(value, str) and "<" in value:
            # Within a longer text a name is one only in its brackets; some hold others.
            for name in sorted(self.names, key=len, reverse=True):
                if name.startswith("<"):
                    value = value.replace(name, self.names[name][side])
        return value


def shown(value: Any) -> Any:
    """What a client returned or raised, as JSON would have it."""
    if isinstance(value, requests.HTTPError):
        return {"status": value.response.status_code}
    if isinstance(value, MlflowException):
        # After a status of 500 a client tells where it has tried again.
        internal = value.error_code == "INTERNAL_ERROR"
        return {"error_code": value.error_code, "message": "" if internal else value.message}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, dict):
        return {key: shown(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shown(part) for part in value]
    if hasattr(value, "__dict__"):
        return {key.lstrip("_"): shown(part) for key, part in vars(value).items()}
    return value


def plain(answer: Any, known: dict[str, str]) -> Any:
    """An answer with ids by name, without times of the server, and pairs in one order."""
    if isinstance(answer, list):
        return [
            named(part, known) if isinstance(part, str) else plain(part, known) for part in answer
        ]
    if not isinstance(answer, dict):
        return answer
    told: dict[str, Any] = {
        key: named(value, known)
        if key in WITH_IDS and isinstance(value, str)
        else plain(value, known)
        for key, value in answer.items()
        if key not in TIMES
    }
    # Traces, and what clients return, have their tags as a map.
    if isinstance(told.get("tags"), list):
        told["tags"] = [tag for tag in told["tags"] if tag.get("key") != MOMENT]
    elif isinstance(told.get("tags"), dict):
        told["tags"].pop(MOMENT, None)
    for key in ("tags", "params", "metrics"):
        pairs = told.get(key)
        if isinstance(pairs, list) and len({entry["key"] for entry in pairs}) == len(pairs):
            told[key] = sorted(pairs, key=lambda entry: str(entry["key"]))
    for key in (
        *("dataset_inputs", "dataset_summaries", "model_inputs", "metrics"),
        *("latest_versions", "latest_version", "aliases", "metric_objs"),
    ):
        if isinstance(told.get(key), list) and (
            key != "metrics" or any("model_id" in each for each in told[key])
        ):
            told[key] = sorted(told[key], key=str)
    if isinstance(told.get("experiment_ids"), list):
        told["experiment_ids"].sort()
    return told


def named(text: str, known: dict[str, str]) -> str:
    """A text with the names of the ids in it."""
    text = DATABASE_ERROR.sub("", text)
    return re.sub(r"[\w-]+", lambda word: known.get(word.group(), word.group()), text)
