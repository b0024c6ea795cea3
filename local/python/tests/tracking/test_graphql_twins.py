"""GraphQL: the same queries to our MLflow and to MLflow's own server."""

import json
import uuid
from typing import Any

import pytest
from tracking.twins import Server, Twins, named

TIMES = {"creationTime", "lastUpdateTime", "creationTimestamp", "lastUpdatedTimestamp"}
RUN = """
  run {
    info { runId runUuid runName experimentId userId status startTime endTime artifactUri
           lifecycleStage }
    data { metrics { key value timestamp step datasetName modelId runId }
           params { key value } tags { key value } }
    inputs { datasetInputs { tags { key value }
                             dataset { name digest sourceType source schema profile } }
             modelInputs { modelId } }
    outputs { modelOutputs { modelId step } }
    experiment { experimentId name lifecycleStage tags { key value } }
    modelVersions { name version status source runId currentStage description aliases userId
                    modelParams { name } modelMetrics { key } tags { key value }
                    deploymentJobState { jobId currentTaskName } }
  }
"""
INTROSPECTION = """
  { __schema {
      queryType { name } mutationType { name }
      types { name kind description enumValues { name }
              inputFields { name defaultValue type { ...Type } }
              fields { name description args { name type { ...Type } } type { ...Type } } } } }
  fragment Type on __Type { name kind ofType { name kind ofType { name kind } } }
"""


def ask(twins: Twins, query: str, **variables: Any) -> Any:
    """The answer of both to a query, with ids by name and without times of the server."""
    answers = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        message = {"query": query, "variables": variables}
        status, answer = twins.told(server, side, "POST", "/graphql", message)
        assert status == 200, answer
        known = {ids[side]: name for name, ids in twins.names.items()}
        answers.append(timeless(json.loads(named(json.dumps(answer), known))))
    assert answers[0] == answers[1], f"{query}\nours:   {answers[0]}\ntheirs: {answers[1]}"
    return answers[0]


def timeless(answer: Any) -> Any:
    if isinstance(answer, list):
        return [timeless(part) for part in answer]
    if isinstance(answer, dict):
        return {key: timeless(value) for key, value in answer.items() if key not in TIMES}
    return answer


@pytest.fixture
def experiment(twins: Twins) -> str:
    name = f"g-{uuid.uuid4().hex[:12]}"
    known = f"<{name}>"
    tags = [{"key": "team", "value": "blue"}]
    twins.create("experiments/create", known, ("experiment_id",), name=name, tags=tags)
    return known


@pytest.fixture
def run(twins: Twins, experiment: str) -> str:
    """One with all that a run may have."""
    known = f"<run of {experiment}>"
    at = ("run", "info", "run_id")
    twins.create(
        *("runs/create", known, at), experiment_id=experiment, run_name="first", start_time=5
    )
    metrics = [
        {"key": "loss", "value": 0.5, "timestamp": 1, "step": 2**40},
        {"key": "lost", "value": "NaN", "timestamp": 1, "step": 0},
        {"key": "far", "value": "Infinity", "timestamp": 1, "step": 0},
    ]
    params = [{"key": "depth", "value": "3"}]
    twins.call("POST", "runs/log-batch", run_id=known, metrics=metrics, params=params)
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "there"}
    context = [{"key": "mlflow.data.context", "value": "training"}]
    datasets = [{"dataset": dataset, "tags": context}]
    twins.call("POST", "runs/log-inputs", run_id=known, datasets=datasets)
    return known


def test_the_schema_is_theirs(twins: Twins) -> None:
    def schema(server: Server) -> Any:
        answer = server.call("POST", "/graphql", {"query": INTROSPECTION})[1]
        assert answer.get("errors", answer) is None
        whole = answer["data"]["__schema"]
        types = {
            each["name"]: each
            for each in whole["types"]
            if not each["name"].startswith("__") and each["kind"] != "SCALAR"
        }
        for each in types.values():
            for part in ("fields", "inputFields", "enumValues"):
                each[part] = sorted(each[part] or [], key=lambda one: str(one["name"]))
        return types, whole["queryType"], whole["mutationType"]

    assert schema(twins.ours) == schema(twins.theirs)


def test_a_run_is_shown_alike(twins: Twins, run: str) -> None:
    query = f"query GetRun($data: MlflowGetRunInput!) {{ mlflowGetRun(input: $data) {{ {RUN} }} }}"

    answer = ask(twins, query, data={"runId": run})

    values = {
        each["key"]: each["value"]
        for each in answer["data"]["mlflowGetRun"]["run"]["data"]["metrics"]
    }
    assert values["lost"] is None


def test_a_run_names_its_model_versions(twins: Twins, run: str) -> None:
    name = f"model-{uuid.uuid4().hex[:12]}"
    twins.call("POST", "registered-models/create", name=name)
    twins.call("POST", "model-versions/create", name=name, source="s3://a/b", run_id=run)

    answer = ask(twins, f'{{ mlflowGetRun(input: {{runId: "{run}"}}) {{ {RUN} }} }}')

    assert answer["data"]["mlflowGetRun"]["run"]["modelVersions"][0]["name"] == name


@pytest.mark.parametrize(
    "query",
    [
        '{ mlflowGetExperiment(input: {experimentId: "EXPERIMENT"}) { apiError { code message }'
        " experiment { experimentId name lifecycleStage artifactLocation workspace"
        " effectiveTraceArchivalRetention tags { key value } } } }",
        '{ one: mlflowGetExperiment(input: {experimentId: "EXPERIMENT"}) { __typename }'
        ' two: mlflowGetExperiment(input: {experimentId: "999"}) { experiment { name } } }',
        '{ mlflowSearchRuns(input: {experimentIds: ["EXPERIMENT"]})'
        " { runs { info { runName } experiment { name } } nextPageToken } }",
        '{ mlflowSearchRuns(input: {experimentIds: ["EXPERIMENT"], filter: "metrics.loss > 1",'
        ' maxResults: 1, orderBy: ["metrics.loss DESC"]}) { runs { info { runName } } } }',
        'mutation { mlflowSearchRuns(input: {experimentIds: ["EXPERIMENT"]})'
        " { runs { info { runName } } } }",
        'mutation { mlflowSearchDatasets(input: {experimentIds: ["EXPERIMENT"]})'
        " { datasetSummaries { experimentId name digest context } } }",
        '{ mlflowGetMetricHistoryBulkInterval(input: {runIds: ["RUN"], metricKey: "loss"})'
        " { metrics { key value timestamp step runId } } }",
        '{ mlflowGetMetricHistoryBulkInterval(input: {runIds: ["RUN"], metricKey: "lost"})'
        " { metrics { key value } } }",
        '{ mlflowListArtifacts(input: {runId: "RUN"})'
        " { rootUri files { path isDir fileSize } nextPageToken apiError { code } } }",
        '{ mlflowListArtifacts(input: {runId: "RUN", path: "../x"}) { rootUri } }',
        '{ mlflowListArtifacts(input: {runId: "nobody"}) { rootUri } }',
        '{ mlflowGetRun(input: {runId: "nobody"}) { run { info { runName } } } }',
        "{ mlflowSearchModelVersions(input: {filter: \"name = 'no'\", maxResults: 5})"
        " { modelVersions { name } nextPageToken } }",
        '{ test(inputString: "hi") { output } }',
        'mutation { testMutation(inputString: "hi") { output } }',
        '{ __typename test(inputString: "hi") { __typename } }',
        'query A @component(name: "x") { test(inputString: "hi") { output } }',
        '{ ...F } fragment F on Query { test(inputString: "hi") { output } }',
    ],
)
def test_a_query_is_answered_alike(twins: Twins, experiment: str, run: str, query: str) -> None:
    ask(twins, query.replace("EXPERIMENT", experiment).replace("RUN", run))


def many(field: str, count: int) -> str:
    return " ".join(f"a{i}: {field}" for i in range(count))


@pytest.mark.parametrize(
    "query",
    [
        "{ " + many('test(inputString: "a") { output }', 10) + " }",
        "{ " + many('test(inputString: "a") { output }', 11) + " }",
        '{ test(inputString: "a") { ' + many("output", 11) + " } }",
        '{ test(inputString: "a") { ...F ' + many("output", 6) + " } }"
        " fragment F on Test { " + " ".join(f"b{i}: output" for i in range(5)) + " }",
        '{ test(inputString: "a") { ' + "output " * 1_000 + "} }",
        "{ __schema { types { fields " + "{ type " * 7 + "{ name }" + "} " * 7 + "} } }",
        "{ __schema { types { ...F } } } fragment F on __Type { ofType { ...F } }",
    ],
)
def test_a_query_that_is_too_large_is_refused_alike(twins: Twins, query: str) -> None:
    told = []
    for server in (twins.ours, twins.theirs):
        status, answer = server.call("POST", "/graphql", {"query": query})
        # What to set in its environment is for whoever runs MLflow's own.
        errors = [error.partition(" To increase")[0] for error in answer["errors"] or []]
        told.append((status, answer["data"], errors))

    assert told[0] == told[1]


@pytest.mark.parametrize(
    "message",
    [
        {"query": "{ nope }"},
        {"query": "{ test { output } }"},
        {"query": "{ test(inputString: 5) { output } }"},
        {"query": "{ mlflowGetRun { run { info { runId } } } }"},
        {"query": "{ mlflowGetExperiment(input: {x: 5}) { experiment { name } } }"},
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "query($s: String!) { test(inputString: $s) { output } }"},
        {"query": "query($s: String) { test(inputString: $s) { output } }", "variables": {"s": 5}},
        {"query": "{ __typename }", "operationName": "A"},
    ],
)
def test_a_wrong_query_is_an_error_in_other_words(twins: Twins, message: dict[str, Any]) -> None:
    told = []
    for server in (twins.ours, twins.theirs):
        status, answer = server.call("POST", "/graphql", message)
        told.append((status, answer["data"], len(answer["errors"])))

    assert told[0] == told[1]


def test_one_of_several_operations_is_chosen_by_name(twins: Twins) -> None:
    query = " ".join(f'query {n} {{ test(inputString: "{n}") {{ output }} }}' for n in "AB")

    status, answer = twins.call("POST", "/graphql", query=query, operationName="B")

    assert (status, answer["data"]) == (200, {"test": {"output": "B"}})


@pytest.mark.parametrize("body", ["", "{}", "[]", "x", '{"query": 5}', '{"query": ""}'])
def test_what_is_no_query_is_refused(ours: Server, body: str) -> None:
    headers = {"authorization": f"Bearer {ours.token}", "content-type": "application/json"}

    answer = ours.session.post(f"{ours.url}/graphql", data=body, headers=headers, timeout=60)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_what_cannot_be_read_is_told_as_an_error(ours: Server) -> None:
    status, answer = ours.call("POST", "/graphql", {"query": "{ nope"})

    assert (status, answer["data"], len(answer["errors"])) == (200, None, 1)


def test_a_query_may_be_asked_by_get(ours: Server) -> None:
    status, answer = ours.call(
        "GET", "/graphql", {"query": '{ test(inputString: "a") { output } }'}
    )

    assert (status, answer["data"]) == (200, {"test": {"output": "a"}})


def test_runs_are_shown_by_their_stage(ours: Server) -> None:
    query = """query($i: MlflowSearchRunsInput) {
      mlflowSearchRuns(input: $i) { runs { info { runName } } } }"""

    status, answer = ours.call(
        "POST",
        "/graphql",
        {"query": query, "variables": {"i": {"experimentIds": ["0"], "runViewType": "ALL"}}},
    )

    assert (status, answer["errors"]) == (200, None)
