"""Filters and orders of a grammar, right and wrong: both servers find the same, in one order.

A usual run takes 500 of each kind, always the same; ``SNAPSLICE_FILTERS`` takes so many other ones.
"""

import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tracking.registry import MODELS, S3, VERSIONS, version
from tracking.test_traces_twins import V3, export_to_both, locations, request, score, start
from tracking.twins import Twins

FILTERS = int(os.environ.get("SNAPSLICE_FILTERS", "100"))

# Values that are kept: some look like SQL's quoting, or hold what SQL makes of it.
VALUES = (
    "x",
    "y",
    "1",
    "2.5",
    "aBc",
    "",
    "it's",
    "it''s",
    "a\\",
    "a\\'b",
    "%",
    "kind of",
    "é",
    "AND",
)
WRITTEN = (
    *(f"'{value}'" for value in VALUES if value != "it's"),
    *(f'"{value}"' for value in VALUES),
    *('"it""s"', "'a%'", "'%b%'", "'_'", "'A%'", "'^a'", "'%''%'"),
)
NO_VALUES = ("'x", "x", "`x`", "''x''", "'x' 'y'", "(x)", "('x')", "NULL", "'x'.y", "", '"x".y')
NUMBERS = (
    *("0", "1", "-1", "2", "1.5", "-1.5", ".5", "-.5", "1.", "1e3", "1E-1", "15e-1", "01"),
    *("1e400", "-1e400", "99999999999"),
)
NO_NUMBERS = (
    *("+1", "1e+1", "1.e1", ".5e1", "0x1", "1.5.5", "1a", "12a", "- 1", "--1"),
    *("nan", "NaN", "inf", "-inf", "1,", "1 2", ""),
)
LISTS = (
    *("('x')", "('x', 'y')", '("x",)', "( 'x' , 'aBc' )", "('it''s')", '("it\'s")', "('1','2.5')"),
    *("('')", "('kind of','é')"),
)
NO_LISTS = ("(1)", "(x)", "('x' y)", "(,)", "('x'", "'x'", "(NULL)", "('x')) ")
KEYS = ("in", "order", "a-b", "a.b", "*", "a$", "", "'a'.b", "none")
COMPARED = ("=", "!=", "<", "<=", ">", ">=")
ALIKE = ("=", "!=", "LIKE", "ILIKE")
NO_OPERATORS = (
    "==",
    "<>",
    "=<",
    "NOT LIKE",
    "IN",
    "IS",
    "NOT",
    "AND",
    "+",
    "",
    "RLIKE",
    "LIKE",
    "<",
)


@dataclass(frozen=True)
class Language:
    """What filters of a kind of entity compare.

    Parameters
    ----------
    texts, numbers
        attributes, and ``entity.key`` with any key, such as ``tags.a``
    orders
        what they are ordered by
    values, counts
        values of attributes, as filters have them
    entities
        what may stand before an attribute
    """

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    orders: tuple[str, ...]
    values: tuple[str, ...]
    counts: tuple[str, ...] = NUMBERS
    entities: tuple[str, ...] = ("attribute",)


@dataclass(frozen=True)
class Grammar:
    """Writes by chance."""

    chance: Random
    language: Language

    def pick(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def seldom(self) -> bool:
        return self.chance.random() < 0.04

    def cased(self, word: str) -> str:
        return self.pick(word, word, word.lower(), word.capitalize()) if self.seldom() else word

    def space(self) -> str:
        return self.pick("", "  ", "\t", "\n ") if self.seldom() else " "

    def column(self, columns: tuple[str, ...]) -> str:
        entity, dot, key = self.pick(*columns).partition(".")
        if not dot:
            key = entity
            entity = self.pick("", "", *self.language.entities)
        if self.seldom():
            key = self.pick(*KEYS, "name", "Name", "timestamp", "text", "run_id")
        elif " " in key or self.seldom():
            quote = self.pick(*"``\"'")
            key = quote + key + quote
        if self.seldom() and entity:
            entity = self.pick(f"`{entity}`", f'"{entity}"', entity.rstrip("s"), entity + "s", "x")
        return f"{entity}.{key}" if entity else key

    def comparison(self) -> str:
        language = self.language
        number = bool(language.numbers) and self.pick("text", "text", "number") == "number"
        column = self.column(language.numbers if number else language.texts)
        form = self.pick(*["value"] * 9, "list", "list", "nothing", "odd")
        if form == "nothing":
            word = self.cased(self.pick("IS NULL", "IS NOT NULL"))
            return column + " " + (self.pick("IS  NULL", "IS NOT  NULL") if self.seldom() else word)
        if form == "list":
            value = self.pick(*NO_LISTS) if self.seldom() else self.pick(*LISTS, *self.lists())
            return column + " " + self.cased(self.pick("IN", "NOT IN")) + self.space() + value
        if form == "odd":
            operator = self.pick(*NO_OPERATORS)
            # A time of a trace in quotes is refused here.
            value = self.pick(*NO_VALUES, *NUMBERS, *LISTS, *(NO_NUMBERS if number else WRITTEN))
        elif number:
            operator = self.pick(*COMPARED)
            value = self.pick(*NO_NUMBERS) if self.seldom() else self.pick(*language.counts)
        else:
            operator = self.cased(self.pick(*ALIKE))
            value = (
                self.pick(*NO_VALUES) if self.seldom() else self.pick(*language.values, *WRITTEN)
            )
        return column + self.space() + operator + self.space() + value

    def lists(self) -> list[str]:
        return [f"({value})" for value in self.language.values if value.startswith("'")]

    def filter(self) -> str:
        text = self.pick("", " ", "AND ") if self.seldom() else ""
        for number in range(self.chance.choice((1, 1, 2, 2, 3))):
            comparison = self.comparison()
            if number:
                # Without AND, MLflow takes what is before a word for a part of its column.
                alone = " IN" not in comparison.upper() and " IS" not in comparison.upper()
                odd = self.seldom()
                text += (
                    self.pick(" OR ", "; ", " AND AND ", ", ", *([" "] * alone))
                    if odd
                    else ((self.space() or " ") + self.cased("AND") + (self.space() or " "))
                )
            text += comparison
        return text + (self.pick(" AND", " ", ")", ";", " -- x", " and\n") if self.seldom() else "")

    def order(self) -> list[str]:
        return [
            self.column(self.language.orders)
            + (
                self.pick("  desc", " DESC ", " DESC DESC", " up", " ASC NULLS LAST", ",")
                if self.seldom()
                else self.pick("", " ASC", " DESC", " desc")
            )
            for _ in range(self.chance.choice((0, 0, 1, 1, 2)))
        ]


@dataclass(frozen=True)
class Kind:
    """Entities that both servers have, and how they are searched for."""

    language: Language
    method: str
    path: str
    message: dict[str, Any]
    found: Callable[[dict[str, Any]], list[str]]

    def search(self, twins: Twins, text: str, order: list[Any]) -> list[tuple[int, Any]]:
        """What ours and MLflow's server find."""
        message = {**self.message, "filter": text, "order_by": order}

        def ask(side: int) -> tuple[int, Any]:
            server = (twins.ours, twins.theirs)[side]
            try:
                status, answer = twins.told(server, side, self.method, self.path, message)
            except requests.JSONDecodeError:
                # Where MLflow's server fails, it may answer a page of HTML.
                return 500, None
            return status, self.found(answer) if status == 200 else answer["error_code"]

        return list(SIDES.map(ask, (0, 1)))


SIDES = ThreadPoolExecutor(2)
PREFIX = f"f-{uuid.uuid4().hex[:12]}"


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"key": key.replace("_", " "), "value": value} for key, value in values.items()]


def experiment(twins: Twins, name: str, **more: Any) -> str:
    known = f"<{PREFIX} {name}>"
    twins.create("experiments/create", known, ("experiment_id",), name=f"{PREFIX}-{name}", **more)
    # By its moment one is told from the next.
    time.sleep(0.005)
    return known


@pytest.fixture(scope="module")
def runs(twins: Twins) -> Kind:
    within = experiment(twins, "runs")
    for number, value in enumerate(VALUES):
        known = f"<{PREFIX} run {number}>"
        twins.create(
            "runs/create",
            known,
            ("run", "info", "run_id"),
            experiment_id=within,
            run_name=f"run {number}",
            user_id=f"u{number % 3}",
            start_time=1_000 + number,
        )
        measured = [number - 1, -1.5, "NaN", "Infinity", "-Infinity", 0.1][: number % 7]
        twins.call(
            "POST",
            "runs/log-batch",
            run_id=known,
            metrics=[
                {"key": key, "value": each, "timestamp": 1, "step": 0}
                for key, each in zip(("loss", "kind of", "a", "x.y", "1a"), measured, strict=False)
            ],
            params=pairs(a=value, **({"kind_of": value} if number % 2 else {})),
            tags=pairs(b=value, **({"kind_of": "x"} if number % 3 else {})),
        )
        twins.call(
            "POST",
            "runs/log-inputs",
            run_id=known,
            datasets=[
                {
                    "tags": [{"key": "mlflow.data.context", "value": VALUES[number - each]}],
                    "dataset": {
                        "name": VALUES[each] or "n",
                        "digest": "d",
                        "source_type": "local",
                        "source": "{}",
                    },
                }
                for each in range(number % 3)
            ],
        )
        if number % 2:
            status = ("FINISHED", "FAILED")[number % 4 // 2]
            twins.call("POST", "runs/update", run_id=known, status=status, end_time=2_000 + number)
    texts = (
        *("params.a", "params.kind of", "parameter.a", "tags.b", "tag.kind of", "param.none"),
        *("status", "run_name", "user_id", "run_id", "Run name", "tags.mlflow.runName"),
        *("dataset.name", "datasets.digest", "dataset.context", "artifact_uri"),
    )
    numbers = ("metrics.loss", "metric.kind of", "metrics.a", "metrics.x.y", "metrics.1a")
    orders = (
        *("params.a", "tags.b", "tags.kind of", "start_time", "end_time", "status"),
        *("Created", "run_name", "dataset.name", "run name", "user_id"),
    )
    return Kind(
        Language(
            texts,
            (*numbers, "start_time", "end_time", "created"),
            (*numbers, *orders),
            ("'FINISHED'", "'RUNNING'", "'run 1'", "'run%'", "'u1'", "'d'", f"'<{PREFIX} run 2>'"),
            (*NUMBERS, "1003", "2005", "1003.5"),
            ("attribute", "attributes", "attr", "run"),
        ),
        "POST",
        "runs/search",
        {"experiment_ids": [within], "max_results": 50},
        lambda answer: [run["info"]["run_name"] for run in answer.get("runs", [])],
    )


@pytest.fixture(scope="module")
def experiments(twins: Twins) -> Kind:
    for number, value in enumerate(VALUES):
        experiment(
            twins,
            f"e{number}",
            tags=pairs(a=value, **({"kind_of": "x"} if number % 2 else {})),
        )
    names = ("name", "experiment_id")
    return Kind(
        Language(
            (*names, "tags.a", "tag.a", "tags.kind of"),
            ("creation_time", "last_update_time"),
            (*names[:1], "creation_time", "last_update_time", "tags.a"),
            (f"'{PREFIX}-e1'", f"'{PREFIX}%'", f"'<{PREFIX} e1>'", f"'{PREFIX.upper()}-E1%'"),
        ),
        "POST",
        "experiments/search",
        {"max_results": 5_000},
        lambda answer: named(answer.get("experiments", [])),
    )


def named(entries: list[dict[str, Any]]) -> list[str]:
    """Those that were made here, by name and version."""
    return [
        f"{entry['name']} {entry.get('version', '')}"
        for entry in entries
        if entry["name"].startswith(PREFIX)
    ]


@pytest.fixture(scope="module")
def registry(twins: Twins) -> None:
    for number, value in enumerate(VALUES):
        name = f"{PREFIX}-m{number}"
        time.sleep(0.005)
        tags = pairs(a=value, **({"kind_of": "x"} if number % 2 else {}))
        twins.call("POST", MODELS + "create", name=name, tags=tags)
        for each in range(number % 3):
            version(twins, name, run_id=f"r{number}", source=f"{S3}/{each}", tags=tags)


MODEL_NAMES = (f"'{PREFIX}-m1'", f"'{PREFIX}%'", f"'{PREFIX.upper()}-M%'", f"'{PREFIX}-m2'")
OF_MODELS = ("name", "tags.a", "tag.kind of", "tags.kind of")


@pytest.fixture(scope="module")
def models(registry: None) -> Kind:
    return Kind(
        Language(
            OF_MODELS,
            (),
            ("name", "timestamp", "last_updated_timestamp", "tags.a"),
            MODEL_NAMES,
        ),
        "GET",
        MODELS + "search",
        {"max_results": 1_000},
        lambda answer: named(answer.get("registered_models", [])),
    )


@pytest.fixture(scope="module")
def versions(registry: None) -> Kind:
    return Kind(
        Language(
            (*OF_MODELS, "run_id", "source_path"),
            ("version_number",),
            ("name", "version_number", "creation_timestamp", "last_updated_timestamp", "tags.a"),
            (*MODEL_NAMES, "'r1'", "'r%'", f"'{S3}/0'", f"'{S3}%'"),
        ),
        "GET",
        VERSIONS + "search",
        {"max_results": 10_000},
        lambda answer: named(answer.get("model_versions", [])),
    )


@pytest.fixture(scope="module")
def logged(twins: Twins) -> Kind:
    within = experiment(twins, "logged")
    run = f"<{PREFIX} logging run>"
    twins.create("runs/create", run, ("run", "info", "run_id"), experiment_id=within, start_time=1)
    for number, value in enumerate(VALUES):
        known = f"<{PREFIX} model {number}>"
        time.sleep(0.005)
        twins.create(
            "logged-models",
            known,
            ("model", "info", "model_id"),
            experiment_id=within,
            name=f"n{number}",
            model_type=value,
            **({"source_run_id": run} if number % 2 else {}),
            params=pairs(a=value),
            tags=pairs(b=value, **({"kind_of": "x"} if number % 3 else {})),
        )
        twins.call(
            "POST",
            "runs/log-batch",
            run_id=run,
            metrics=[
                {"key": key, "value": number - 1.5, "timestamp": 1, "step": 0, "model_id": known}
                for key in ("loss", "kind of", "a")[: number % 4]
            ],
        )
    texts = ("name", "model_id", "model_type", "status", "source_run_id", "lifecycle_stage")
    numbers = ("metrics.loss", "metrics.kind of", "metrics.a")
    times = ("creation_time", "creation_timestamp", "last_updated_timestamp")
    return Kind(
        Language(
            (*texts, "params.a", "tags.b", "tags.kind of", "params.none"),
            (*numbers, *times),
            (*numbers, *times, "name", "model_type", "params.a", "nothing"),
            ("'n1'", "'n%'", "'READY'", "'1'", f"'<{PREFIX} model 3>'", "1", f"'{run}'"),
            entities=("attributes",),
        ),
        "POST",
        "logged-models/search",
        {"experiment_ids": [within], "max_results": 50},
        lambda answer: [model["info"]["name"] for model in answer.get("models", [])],
    )


@pytest.fixture(scope="module")
def traces(twins: Twins) -> Kind:
    within = experiment(twins, "traces")
    for number, value in enumerate(VALUES):
        feedback = score([number, value, True, number + 0.5][number % 4])
        start(
            twins,
            within,
            f"tr-{number:02}{uuid.uuid4().hex[2:]}",
            request_time=f"2025-01-01T00:00:{number:02}.500Z",
            **({"execution_duration": f"{number}.250s"} if number else {}),
            state=["OK", "ERROR", "IN_PROGRESS"][number % 3],
            tags={"mlflow.traceName": f"name {number}", "a": value},
            trace_metadata={"m": value, "mlflow.sourceRun": f"r{number}"},
            **({"assessments": [feedback]} if number % 5 else {}),
            **({"client_request_id": f"c{number}"} if number % 2 else {}),
        )
    for number in range(3):
        body = request(f"tr-{number:02}{uuid.uuid4().hex[2:]}", number=number)
        export_to_both(twins, within, body.SerializeToString())
    times = ("timestamp_ms", "timestamp", "execution_time", "execution_time_ms", "end_time")
    return Kind(
        Language(
            (
                *("status", "name", "request_id", "client_request_id", "run_id", "tags.a"),
                *("metadata.m", "request_metadata.m", "feedback.score", "expectation.score"),
                *("tags.name", "tags.none", "metadata.run_id", "span.name", "span.status"),
                *(
                    "span.attributes.shop",
                    "issue.id",
                    "prompt",
                    "text",
                    "tags.text",
                    "span.content",
                ),
            ),
            (*times, "feedback.score"),
            (*times, "status", "name", "run_id", "tags.a", "metadata.m", "tags.name", "request_id"),
            ("'OK'", "'name 1'", "'name%'", "'r1'", "'c3'", "'3'", "'true'", "'a/1'", "'%e%'"),
            (*NUMBERS, "1735689600500", "1735689604000", "2250"),
            ("attribute", "attributes", "trace"),
        ),
        "POST",
        f"{V3}/search",
        {"locations": locations(within), "max_results": 100},
        lambda answer: [trace["trace_id"] for trace in answer.get("traces", [])],
    )


@pytest.mark.parametrize("kind", ["runs", "experiments", "models", "versions", "logged", "traces"])
@settings(
    max_examples=FILTERS,
    derandomize="SNAPSLICE_FILTERS" not in os.environ,
    database=None,
    deadline=None,
    # A smaller seed makes no smaller filter.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**64 - 1))
def test_generated_filters_find_alike(
    request: pytest.FixtureRequest, twins: Twins, kind: str, seed: int
) -> None:
    searched: Kind = request.getfixturevalue(kind)
    grammar = Grammar(Random(seed), searched.language)
    text, order = grammar.filter(), grammar.order()

    ours, theirs = searched.search(twins, text, by(kind, order))

    failed = theirs[0] == 500 or theirs[1] == "BAD_REQUEST"
    # Our logged models want quotes around a key with a hyphen.
    strict = kind == "logged" and "a-b" in text and ours[0] == 400
    alike = ours == theirs or strict or (failed and ours[0] in (200, 400))
    assert alike, f"{text!r} {order}\nours:   {ours}\ntheirs: {theirs}"


def by(kind: str, order: list[str]) -> list[Any]:
    """An order as it is asked for: logged models want messages."""
    if kind != "logged":
        return order
    return [
        {"field_name": each.split(" ")[0], "ascending": not each.endswith("DESC")} for each in order
    ]
