"""Experiments and runs: every answer as MLflow's own server gives it."""

import uuid
from typing import Any

import pytest
from tracking.twins import Server, Twins

AJAX = "/ajax-api/2.0/mlflow/"


@pytest.fixture
def name() -> str:
    return f"e-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(twins: Twins, name: str) -> str:
    known = f"<{name}>"
    twins.create("experiments/create", known, ("experiment_id",), name=name)
    return known


@pytest.fixture
def run(twins: Twins, experiment: str) -> str:
    known = f"<run of {experiment}>"
    twins.create(
        "runs/create",
        known,
        ("run", "info", "run_id"),
        experiment_id=experiment,
        run_name="first",
        start_time=1_000,
    )
    return known


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"name": ""},
        {"name": 5},
        {"name": None},
        {"name": "a" * 501},
        {"name": "x", "tags": "none"},
        {"name": "x", "tags": [{"key": "a/../b", "value": "1"}]},
        {"name": "x", "tags": [{"key": "a*b", "value": "1"}]},
        {"name": "x", "tags": [{"key": "k" * 251, "value": "1"}]},
        {"name": "x", "tags": [{"key": "k", "value": "v" * 20_001}]},
        {"name": "x", "artifact_location": "runs:/a"},
        {"name": "x", "artifact_location": "s3://b/c#d"},
        {"name": "x", "artifact_location": "/b/c;d"},
        {"name": "x", "artifact_location": "s3://b/c?x=../y"},
        {"name": "x", "artifact_location": "s3://b/c?x=%252e%2E/y"},
    ],
)
def test_an_experiment_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert twins.call("POST", "experiments/create", **message)[0] == 400


@pytest.mark.parametrize(
    "location", ["s3://b/c;d", "s3://b/c?x=y", "s3://b/c#", "s3://b/../c?x=%20", "/b;c/d;"]
)
def test_an_experiment_keeps_its_location_alike(twins: Twins, location: str) -> None:
    name = uuid.uuid4().hex
    twins.create(
        "experiments/create", f"<{name}>", ("experiment_id",), name=name, artifact_location=location
    )

    twins.call("GET", "experiments/get", experiment_id=f"<{name}>")


def test_an_experiment_lives_alike(twins: Twins, experiment: str, name: str) -> None:
    twins.call("GET", "experiments/get", experiment_id=experiment)
    twins.call("GET", "experiments/get-by-name", experiment_name=name)
    twins.call("GET", "experiments/get-by-name", experiment_name=name + "-none")
    for key, value in (("a", "1"), ("b/c.d e", "ü"), ("a", "2"), ("empty", "")):
        twins.call(
            "POST", "experiments/set-experiment-tag", experiment_id=experiment, key=key, value=value
        )
    twins.call("GET", "experiments/get", experiment_id=experiment)
    twins.call("POST", "experiments/delete-experiment-tag", experiment_id=experiment, key="a")
    twins.call("POST", "experiments/delete-experiment-tag", experiment_id=experiment, key="a")
    twins.call("POST", "experiments/update", experiment_id=experiment, new_name=name + "-new")
    twins.call("GET", "experiments/get-by-name", experiment_name=name)
    twins.call("POST", "experiments/update", experiment_id=experiment, new_name="")
    twins.call("POST", "experiments/restore", experiment_id=experiment)
    twins.call("POST", "experiments/delete", experiment_id=experiment)
    twins.call("POST", "experiments/delete", experiment_id=experiment)
    twins.call("GET", "experiments/get", experiment_id=experiment)
    twins.call(
        "POST", "experiments/set-experiment-tag", experiment_id=experiment, key="a", value="b"
    )
    twins.call("POST", "experiments/update", experiment_id=experiment, new_name=name + "-other")
    twins.call("POST", "runs/create", experiment_id=experiment)
    twins.call("POST", "experiments/restore", experiment_id=experiment)
    twins.call("GET", "experiments/get", experiment_id=experiment)


@pytest.mark.parametrize("text", ["run_id = ('a')", "run_id != ('a')", "dataset.name = ('a')"])
def test_a_list_is_no_text(ours: Server, text: str) -> None:
    message = {"experiment_ids": ["0"], "filter": text}

    assert ours.call("POST", "runs/search", message)[0] == 400


def test_an_empty_name_is_no_name(twins: Twins, run: str) -> None:
    twins.call("POST", "runs/set-tag", run_id=run, key="mlflow.runName", value="")
    twins.call("POST", "runs/update", run_id=run, run_name="")
    twins.call("GET", "runs/get", run_id=run)


@pytest.mark.parametrize("asked", ["", "abc", "987654321", "-1", " 0 ", "1.5"])
def test_ids_are_read_alike(twins: Twins, asked: str) -> None:
    twins.call("GET", "experiments/get", experiment_id=asked)
    twins.call("POST", "experiments/delete", experiment_id=asked or "none")


@pytest.mark.parametrize(
    "text",
    [
        "name LIKE '{0}%'",
        "name ILIKE '{0}%'",
        "name like '{0}%'",
        "name = '{0}-b'",
        "name != '{0}-b' AND name LIKE '{0}%'",
        'attribute.name = "{0}-a"',
        "tags.`kind of` = 'x' and name LIKE '{0}%'",
        "tag.\"kind of\" != 'x' AND name LIKE '{0}%'",
        "tags.none = 'x' AND name LIKE '{0}%'",
        "tags.none IS NULL AND name LIKE '{0}%'",
        "tags.`kind of` IS NOT NULL AND name LIKE '{0}%'",
        "tags.n ILIKE 'A_C' AND name LIKE '{0}%'",
        "tags.n LIKE 'A_C' AND name LIKE '{0}%'",
        "creation_time > 1 AND name LIKE '{0}%'",
        "creation_time < 1 AND name LIKE '{0}%'",
        "last_update_time >= 1.5 AND name LIKE '{0}%'",
        "experiment_id IN ('1', 'x')",
        "experiment_id > '1'",
        "name > 'a'",
        "name IN ('a')",
        "name IS NULL",
        "nothing = '1'",
        "metrics.a > 1",
        "tags.a > '1'",
        "tags.a = 1",
        "name = abc",
        "creation_time = '1'",
    ],
)
def test_experiments_are_found_alike(twins: Twins, name: str, text: str) -> None:
    for part, tags in (("a", {"kind of": "x", "n": "abc"}), ("b", {"kind of": "y"}), ("c", {})):
        known = f"<{name}-{part}>"
        twins.create(
            "experiments/create",
            known,
            ("experiment_id",),
            name=f"{name}-{part}",
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
    for order in (["name ASC"], ["name DESC"], ["attribute.name"]):
        twins.call(
            "POST", "experiments/search", filter=text.format(name), max_results=5, order_by=order
        )


@pytest.mark.parametrize(
    "message",
    [
        {"max_results": 0},
        {"max_results": 50_001},
        {"max_results": "a"},
        {"max_results": 1, "order_by": ["nothing"]},
        {"max_results": 1, "order_by": ["name up"]},
        {"max_results": 1, "order_by": ["tags.a"]},
        {"max_results": 1, "order_by": "name"},
    ],
)
def test_a_search_of_experiments_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    assert twins.call("POST", "experiments/search", **message)[0] == 400


def test_a_run_lives_alike(twins: Twins, experiment: str, run: str) -> None:
    twins.call("GET", "runs/get", run_id=run)
    for value in (1.5, -2, "NaN", "Infinity", "-Infinity", 0):
        twins.call("POST", "runs/log-metric", run_id=run, key="m", value=value, timestamp=5, step=1)
        twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "runs/log-metric", run_id=run, key="m", value=7, timestamp=4, step=2)
    twins.call("POST", "runs/log-metric", run_id=run, key="m", value=7, timestamp=4, step=2)
    twins.call("POST", "runs/log-metric", run_id=run, key="other", value=7, timestamp=4)
    twins.call("GET", "metrics/get-history", run_id=run, metric_key="m")
    bulk = AJAX + "metrics/get-history-bulk"
    twins.call("GET", bulk, metric_key="other", run_id=[run, run])
    twins.call("GET", bulk, metric_key="m", run_id=[run], max_results=2)
    twins.call("GET", bulk, metric_key="m")
    twins.call("GET", bulk, run_id=[run])
    _, page = twins.call("GET", "metrics/get-history", run_id=run, metric_key="m", max_results=3)
    twins.call(
        "GET",
        "metrics/get-history",
        run_id=run,
        metric_key="m",
        max_results=3,
        page_token=page["next_page_token"],
    )
    twins.call("POST", "runs/log-parameter", run_id=run, key="p", value="1")
    twins.call("POST", "runs/log-parameter", run_id=run, key="p", value="1")
    twins.call("POST", "runs/log-parameter", run_id=run, key="p", value='it\'s "2"')
    twins.call("POST", "runs/log-parameter", run_id=run, key="long", value="ä" * 6_001)
    twins.call("POST", "runs/set-tag", run_id=run, key="t", value="x" * 8_001)
    twins.call("POST", "runs/set-tag", run_id=run, key="mlflow.runName", value="second")
    twins.call("POST", "runs/delete-tag", run_id=run, key="t")
    twins.call("POST", "runs/delete-tag", run_id=run, key="t")
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "runs/update", run_id=run, status="FINISHED", end_time=9, run_name="third")
    twins.call("POST", "runs/delete", run_id=run)
    twins.call("POST", "runs/log-metric", run_id=run, key="m", value=1, timestamp=1)
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "runs/restore", run_id=run)
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "experiments/delete", experiment_id=experiment)
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "runs/set-tag", run_id=run, key="t", value="x")
    twins.call("POST", "runs/restore", run_id=run)
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", "runs/delete", run_id=run)
    twins.call("POST", "experiments/restore", experiment_id=experiment)
    twins.call("GET", "runs/get", run_id=run)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("get", {}),
        ("log-metric", {"key": "a", "value": "x", "timestamp": 1}),
        ("log-metric", {"key": "a", "timestamp": 1}),
        ("log-metric", {"key": "a", "value": 1}),
        ("log-metric", {"value": 1, "timestamp": 1}),
        ("log-metric", {"key": "a", "value": 1, "timestamp": "x"}),
        ("log-metric", {"key": "a", "value": 1, "timestamp": 1.5}),
        ("log-metric", {"key": "a", "value": 1, "timestamp": -1}),
        ("log-metric", {"key": "a", "value": True, "timestamp": 1}),
        ("log-metric", {"key": "../a", "value": 1, "timestamp": 1}),
        ("log-metric", {"key": "k" * 251, "value": 1, "timestamp": 1}),
        ("log-parameter", {"key": "a//b", "value": "1"}),
        ("log-parameter", {"key": "", "value": "1"}),
        ("log-parameter", {"key": "a", "value": 1}),
        ("set-tag", {"key": "a;b", "value": "1"}),
        ("set-tag", {"key": "t" * 251, "value": "1"}),
        ("log-batch", {"metrics": [{"key": "a", "value": 1}]}),
        ("log-batch", {"metrics": [{"key": "a", "value": 1, "timestamp": 1}] * 1_001}),
        ("log-batch", {"params": [{"key": f"p{n}", "value": "1"} for n in range(101)]}),
        ("log-batch", {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]}),
        ("log-batch", {"tags": [{"value": "1"}]}),
        ("log-batch", {"metrics": "none"}),
        ("update", {"status": "DONE"}),
        ("update", {"end_time": "x"}),
        ("delete-tag", {}),
    ],
)
def test_what_a_run_does_not_take_is_refused_alike(
    twins: Twins, run: str, path: str, message: dict[str, Any]
) -> None:
    twins.call("GET" if path == "get" else "POST", f"runs/{path}", run_id=run, **message)
    twins.call("GET" if path == "get" else "POST", f"runs/{path}", run_id="none", **message)
    if message.get("metrics") != "none":
        twins.call("GET" if path == "get" else "POST", f"runs/{path}", **message)
    twins.call("GET", "runs/get", run_id=run)


def test_a_batch_is_logged_alike(twins: Twins, run: str) -> None:
    batch: dict[str, list[dict[str, Any]]] = {
        "metrics": [
            {"key": f"m{n % 3}", "value": n / 3, "timestamp": n, "step": n // 2} for n in range(20)
        ],
        "params": [{"key": f"p {n}", "value": f"v{n}"} for n in range(90)],
        "tags": [{"key": f"t/{n}", "value": f"v{n}"} for n in range(90)],
    }
    for _ in range(2):
        twins.call("POST", "runs/log-batch", run_id=run, **batch)
        twins.call("GET", "runs/get", run_id=run)
        twins.call("GET", "metrics/get-history", run_id=run, metric_key="m1")
    batch["params"][3]["value"] = "another"
    batch["params"][5]["value"] = "another, too"
    twins.call("POST", "runs/log-batch", run_id=run, **batch)
    twins.call("GET", "runs/get", run_id=run)


def dataset(name: str, context: str | None = None, **more: str) -> dict[str, Any]:
    tags = [{"key": "mlflow.data.context", "value": context}] if context else []
    known = {"name": name, "digest": "d", "source_type": "local", "source": "/tmp"}
    return {"tags": tags, "dataset": {**known, **more}}


def test_inputs_and_outputs_are_kept_alike(twins: Twins, experiment: str, run: str) -> None:
    sets = [
        dataset("one", "training", schema="{}"),
        dataset("one", "testing"),
        dataset("two", profile="p" * 5_000),
    ]
    models = [{"model_id": "m-1"}, {"model_id": "m-2"}]
    for _ in range(2):
        twins.call("POST", "runs/log-inputs", run_id=run, datasets=sets, models=models)
        twins.call("GET", "runs/get", run_id=run)
    twins.call(
        "POST", "runs/log-inputs", run_id=run, datasets=[dataset("one", "again", schema="[]")]
    )
    twins.call("POST", "runs/outputs", run_id=run, models=[{"model_id": "m-3", "step": 4}])
    twins.call("GET", "runs/get", run_id=run)
    twins.call("POST", AJAX + "experiments/search-datasets", experiment_ids=[experiment])
    twins.call("POST", AJAX + "experiments/search-datasets", experiment_ids=[])
    for text in (
        "dataset.name = 'one'",
        "datasets.digest LIKE 'd%'",
        "dataset.context IN ('training', 'x')",
        "dataset.name NOT IN ('one', 'two')",
        "dataset.context = 'testing'",
        "dataset.schema = '{}'",
        "dataset.name > 'a'",
    ):
        twins.call("POST", "runs/search", experiment_ids=[experiment], filter=text)


@pytest.mark.parametrize(
    "broken",
    [
        dataset("n" * 501),
        dataset("a", digest="d" * 37),
        dataset("a", source="s" * 65_536),
        dataset("a", "c" * 501),
    ],
)
def test_datasets_are_refused_alike(twins: Twins, run: str, broken: dict[str, Any]) -> None:
    assert twins.call("POST", "runs/log-inputs", run_id=run, datasets=[broken])[0] == 400


@pytest.mark.parametrize("points", [0, 1, 2, 7, 10, 23])
def test_histories_are_sampled_alike(twins: Twins, run: str, points: int) -> None:
    metrics = [
        {"key": "m", "value": n % 4, "timestamp": 100 - n, "step": n // 2} for n in range(points)
    ]
    twins.call("POST", "runs/log-batch", run_id=run, metrics=metrics)
    path = AJAX + "metrics/get-history-bulk-interval"
    for most in (1, 2, 3, 10, 2_500, 0, 2_501):
        twins.call("GET", path, run_ids=[run], metric_key="m", max_results=most)
    for start, end in ((2, 5), (5, 2), (3, 3)):
        twins.call("GET", path, run_ids=[run], metric_key="m", start_step=start, end_step=end)
    twins.call("GET", path, run_ids=[run], metric_key="m", start_step=1)
    twins.call("GET", path, run_ids=[run])
    twins.call("GET", path, metric_key="m")


FILTERS = [
    "",
    "metrics.m > 1",
    "metrics.m >= 1 AND metrics.m <= 2",
    "metric.`m` = 2.0",
    "metrics.m != 1",
    "metrics.none < 1",
    'metrics."a b" < 1e3',
    "metrics.m > -1.5",
    "params.p = '1'",
    "params.p != '1'",
    "params.`p` LIKE '%1'",
    "parameters.p ILIKE 'X%'",
    "param.none IS NULL",
    "params.p IS NOT NULL",
    'tags.t = "b"',
    "tags.mlflow.runName = 'r1'",
    "tag.`mlflow.runName` LIKE 'r%'",
    "attributes.status = 'RUNNING'",
    "status != 'RUNNING'",
    "run_name = 'r2'",
    "attributes.`Run name` LIKE 'r%'",
    "start_time > 2",
    "end_time > 0",
    "end_time != 20",
    "created <= 3",
    "attributes.user_id = 'u'",
    "artifact_uri LIKE '%artifacts'",
    "params.p > '1'",
    "params.p = 1",
    "metrics.m > '1'",
    "metrics.m LIKE '1'",
    "status > 'A'",
    "status IN ('A')",
    "nothing = 'a'",
    "some.thing = 'a'",
    "metrics.m > 1 OR metrics.m < 1",
    "metrics.m",
    "metrics.m >",
    "start_time = 'x'",
    "lifecycle_stage = 'active'",
    "params.p IN ('1')",
    "tags.t ILIKE 'B'",
    "tags.t LIKE 'B'",
]
ORDERS: list[list[str]] = [
    [],
    ["metrics.m"],
    ["metrics.m DESC"],
    ["metrics.m asc", "params.p desc"],
    ["params.p"],
    ["params.p DESC", "start_time ASC"],
    ["tags.`t` DESC"],
    ["attributes.start_time"],
    ["end_time DESC"],
    ["run_name DESC"],
    ["status", "created DESC"],
    ["nothing"],
    ["metrics.m sideways"],
]


@pytest.fixture(scope="module")
def searched(twins: Twins) -> str:
    """An experiment with runs that differ in all that a search looks at."""
    name = f"s-{uuid.uuid4().hex[:12]}"
    known = f"<{name}>"
    twins.create("experiments/create", known, ("experiment_id",), name=name)
    for n, (value, param, tag) in enumerate(
        [
            (1, "1", "a"),
            (2, "x1", None),
            ("NaN", None, "b"),
            (None, "X2", "c"),
            (2, "1", "b"),
            (-3.5, None, None),
            ("Infinity", "ä", "a"),
        ]
    ):
        run = f"<{name} {n}>"
        twins.create(
            "runs/create",
            run,
            ("run", "info", "run_id"),
            experiment_id=known,
            run_name=f"r{n}",
            user_id="u" if n % 2 else "v",
            start_time=n,
        )
        if value is not None:
            twins.call(
                "POST", "runs/log-metric", run_id=run, key="m", value=value, timestamp=1, step=n
            )
            twins.call("POST", "runs/log-metric", run_id=run, key="a b", value=n, timestamp=1)
        if param is not None:
            twins.call("POST", "runs/log-parameter", run_id=run, key="p", value=param)
        if tag is not None:
            twins.call("POST", "runs/set-tag", run_id=run, key="t", value=tag)
        if n % 3 == 0:
            twins.call("POST", "runs/update", run_id=run, status="FINISHED", end_time=10 * n)
        if n == 5:
            twins.call("POST", "runs/delete", run_id=run)
    return known


@pytest.mark.parametrize("text", FILTERS)
def test_runs_are_found_alike(twins: Twins, searched: str, text: str) -> None:
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"):
        twins.call(
            "POST", "runs/search", experiment_ids=[searched], filter=text, run_view_type=view
        )


@pytest.mark.parametrize("order", ORDERS)
def test_runs_are_ordered_alike(twins: Twins, searched: str, order: list[str]) -> None:
    token = ""
    while True:
        status, page = twins.call(
            "POST",
            "runs/search",
            experiment_ids=[searched],
            order_by=order,
            max_results=2,
            page_token=token,
        )
        token = page.get("next_page_token", "")
        if status != 200 or not token:
            return


def test_runs_are_found_by_their_ids(twins: Twins, searched: str) -> None:
    first, second = (f"{searched[:-1]} {n}>" for n in (0, 1))
    found = []
    for text in (
        f"run_id IN ('{first}', '{second}')",
        f"attributes.run_id IN ('{first}', 'none')",
        f"run_id NOT IN ('{first}', '{second}')",
        f"run_id = '{first}'",
        f"run_id != '{first}' AND metrics.m > 1",
    ):
        _, answer = twins.call("POST", "runs/search", experiment_ids=[searched], filter=text)
        found.append(len(answer["runs"]))

    assert found == [2, 1, 4, 1, 3]
