"""MLflow's own UI over our server, in a real browser: no failed request, no error shown."""

import json
import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlparse

import mlflow
import numpy as np
import pandas
import pytest
from mlflow.genai import datasets
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    TimeoutError,
)
from registered import Bucket
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import sign_in, token_of
from tracking.chromium import CHROMIUM, SCREENSHOTS, launched

SECONDS = 30
# What the UI's own words about itself are, and not ours.
HARMLESS = {
    "Ask questions about errors, identify root causes, and get actionable fixes for failed traces."
}
TROUBLE = re.compile("failed|went wrong|an error|not found|can't be", re.IGNORECASE)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")


# What the UI asks of MLflow's server; the tour has to see each of them answered.
ASKED = {
    *("3.0/mlflow/server-info", "2.0/mlflow/users/current", "2.0/mlflow/gateway-proxy"),
    *("3.0/mlflow/assistant/config", "3.0/mlflow/assistant/providers"),
    *("2.0/mlflow/experiments/search", "2.0/mlflow/experiments/get"),
    *("2.0/mlflow/experiments/search-datasets", "2.0/mlflow/runs/search", "2.0/mlflow/runs/get"),
    *("2.0/mlflow/metrics/get-history-bulk-interval", "2.0/mlflow/artifacts/list"),
    *("2.0/mlflow/logged-models/search", "2.0/mlflow/logged-models/{id}"),
    *("2.0/mlflow/registered-models/search", "2.0/mlflow/registered-models/get"),
    *("2.0/mlflow/model-versions/search", "2.0/mlflow/model-versions/get"),
    *("model-versions/get-artifact", "3.0/mlflow/datasets/search", "3.0/mlflow/traces/search"),
    *("3.0/mlflow/traces/metrics", "graphql MlflowGetExperimentQuery", "graphql GetRun"),
}


@dataclass(frozen=True)
class Logged:
    """What the tour visits."""

    experiment: str
    run: str
    other: str
    model: str
    name: str
    prompt: str
    view: str
    table: str


@dataclass
class Tour:
    """A browser's page: what it waits for, and all that went wrong on it, by place visited."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    open: set[Request] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def watch(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._came)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("response", self._response)
        self.page.on("requestfailed", self._failed)

    def _asked(self, request: Request) -> None:
        # Nobody is told when the script of a worker has come.
        if ".worker.js" not in request.url:
            self.open.add(request)

    def _came(self, request: Request) -> None:
        self.open.discard(request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(f"console: {message.text} {message.location}")

    def _response(self, response: Response) -> None:
        self.answered.add(operation(response.request))
        if response.status >= 400:
            asked = response.request
            self.wrong.append(f"{response.status}: {asked.method} {asked.url} {asked.post_data}")

    def _failed(self, request: Request) -> None:
        self.open.discard(request)
        # The UI itself gives up what it asked for when one leaves a page.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.method} {request.url} {request.failure}")

    def _settle(self) -> None:
        """Waits until nothing has been asked for a second."""
        deadline = time.monotonic() + SECONDS
        quiet = 0
        while quiet < 10:
            assert time.monotonic() < deadline, [request.url for request in self.open]
            self.page.wait_for_timeout(100)
            quiet = 0 if self.open else quiet + 1

    def visit(self, name: str, path: str, *texts: str) -> None:
        """Opens a page, waits for what it has to show, and takes its picture."""
        self.page.goto(f"{self.url}/#{path}")
        self._look(name, texts)

    def click(self, name: str, label: str, *texts: str) -> None:
        """The same of what a click on a text opens."""
        self.page.get_by_text(label, exact=True).first.click()
        self._look(name, texts)

    def _look(self, name: str, texts: tuple[str, ...]) -> None:
        for text in texts:
            try:
                self.page.get_by_text(re.compile(text)).first.wait_for(timeout=SECONDS * 1_000)
            except TimeoutError:
                self.wrong.append(f"not shown: {text}")
        self._settle()
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        shown = [each.inner_text() for each in self.page.get_by_text(TROUBLE).all()]
        self.wrong += [f"shown: {text}" for text in shown if text not in HARMLESS]
        self.found += [f"{name}: {each}" for each in self.wrong]
        self.wrong.clear()


def operation(request: Request) -> str:
    """What a request asks for, without the prefix that is the browsers'."""
    path = urlparse(request.url).path.removeprefix("/").removeprefix("ajax-api/")
    if path == "graphql":
        return f"graphql {json.loads(request.post_data or '{}').get('operationName')}"
    return re.sub("logged-models/m-[0-9a-f]+$", "logged-models/{id}", path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def answered() -> set[str]:
    """What was answered in all of the tour."""
    return set()


@pytest.fixture(scope="module")
def logged(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Logged:
    os.environ["MLFLOW_TRACKING_TOKEN"] = token_of(stack)
    mlflow.set_tracking_uri(stack.mlflow)
    unique = uuid.uuid4().hex[:8]
    experiment = mlflow.create_experiment(f"tour {unique}", tags={"mlflow.note.content": "# Hello"})
    mlflow.set_experiment(experiment_id=experiment)
    picture = tmp_path_factory.mktemp("artifacts") / "notes ä.txt"
    picture.write_text("what was done\n", encoding="utf-8")
    with mlflow.start_run(run_name="first run", description="a **run**") as run:
        mlflow.log_params({"depth": 3, "kind": "tree"})
        for step in range(30):
            mlflow.log_metrics({"loss": 1 / (step + 1), "accuracy": 1 - 1 / (step + 2)}, step=step)
        mlflow.log_metric("lost", float("nan"))
        mlflow.log_input(mlflow.data.from_numpy(np.zeros(3), name="zeros"), context="training")
        mlflow.log_artifact(str(picture), "notes")
        mlflow.log_dict({"a": [1, 2, 3]}, "config.json")
        mlflow.log_image(np.full((40, 40, 3), 200, dtype=np.uint8), "grey.png")
        model = mlflow.pyfunc.log_model(
            name="echo", python_model=lambda model_input: model_input, input_example=["a"]
        )
        with mlflow.start_span("answer") as span:
            span.set_inputs({"question": "who?"})
            span.set_outputs("nobody")
        mlflow.flush_trace_async_logging()
    bucket = Bucket.new(stack)
    with mlflow.start_run(run_name="second run") as other:
        view = f"s3://{bucket.name}.run-{other.info.run_id}/films/train.csv"
        films = pandas.DataFrame({"year": [1927], "title": ["Metropolis"]})
        table = mlflow.data.from_pandas(films, source=view, name="films")
        mlflow.log_input(table, context="training")
        mlflow.log_params({"depth": 5, "kind": "tree"})
        mlflow.log_metrics({"loss": 0.2, "accuracy": 0.7})
    # Before all others, on the first page.
    name = f"0 model {unique}"
    version = mlflow.register_model(f"models:/{model.model_id}", name)
    mlflow.MlflowClient().set_registered_model_alias(name, "champion", version.version)
    prompt = f"prompt-{unique}"
    mlflow.genai.register_prompt(name=prompt, template="Say {{what}}.", commit_message="first")
    mlflow.genai.register_prompt(name=prompt, template="Say {{what}}!", commit_message="second")
    runs = (run.info.run_id, other.info.run_id)
    version = mlflow.register_model(f"models:/{model.model_id}", name)
    datasets.create_dataset(name=f"asked {unique}", experiment_id=experiment).merge_records(
        [{"inputs": {"question": "who?"}, "expectations": {"answer": "nobody"}}]
    )
    return Logged(
        experiment, *runs, str(model.model_id), name, prompt, view, f"films ({table.digest})"
    )


@pytest.fixture
def tour(browser: Browser, stack: LocalStack, answered: set[str]) -> Iterator[Tour]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    tour = Tour(page, stack.mlflow, answered=answered)
    tour.watch()
    page.goto(sign_in(stack))
    page.wait_for_url(re.compile("/(#/.*)?$"))
    yield tour
    page.close()
    assert tour.found == [], "\n".join(tour.found)


def test_nobody_sees_a_page_without_signing_in(browser: Browser, stack: LocalStack) -> None:
    page = browser.new_page()

    answer = page.goto(stack.mlflow)

    assert answer is not None and answer.status == 401
    page.close()


def test_the_ui_shows_experiments_and_runs(tour: Tour, logged: Logged) -> None:
    at = f"/experiments/{logged.experiment}"
    tour.visit("home", "/", "Experiments")
    tour.visit("experiments", "/experiments", "tour ")
    tour.visit("runs", f"{at}/runs", "first run", "second run")
    tour.visit("runs-chart", f"{at}/runs?compareRunsMode=CHART", "loss")
    tour.visit("run", f"{at}/runs/{logged.run}", "first run", "depth", "zeros")
    tour.visit("run-charts", f"{at}/runs/{logged.run}/model-metrics", "loss", "accuracy")
    tour.visit("run-artifacts", f"{at}/runs/{logged.run}/artifacts", "config.json", "grey.png")
    tour.click("run-artifact", "config.json", '"a"')
    tour.click("run-image", "grey.png")
    assert tour.page.locator("canvas, img[src^=blob], .image-outer-container img").count() > 0
    tour.click("run-folder", "notes", "notes ä.txt")
    tour.click("run-text", "notes ä.txt", "what was done")
    tour.visit("run-traces", f"{at}/runs/{logged.run}/traces", "first run")
    tour.visit("run-dataset", f"{at}/runs/{logged.other}", "second run", "films")
    tour.click("run-dataset-panel", logged.table, re.escape(logged.view), "title")
    # Of two runs MLflow's own page fails now and then, while it loads.
    tour.visit(
        "compare", f'/compare-runs?runs=["{logged.run}"]&experiments=["{logged.experiment}"]'
    )


def test_the_ui_shows_traces_and_models(tour: Tour, logged: Logged) -> None:
    at = f"/experiments/{logged.experiment}"
    tour.visit("traces", f"{at}/traces", "who\\?", "nobody")
    tour.visit("overview", f"{at}/overview/usage", "Traces|Requests")
    tour.visit("evaluation-datasets", f"{at}/datasets", "asked ")
    tour.visit("logged-models", f"{at}/models", "echo")
    tour.visit("logged-model", f"{at}/models/{logged.model}", "echo", "loss")
    tour.visit("logged-model-artifacts", f"{at}/models/{logged.model}/artifacts", "MLmodel")
    tour.click("logged-model-artifact", "MLmodel", "flavors")
    tour.visit("registered-models", "/models", logged.name)
    tour.visit("registered-model", f"/models/{logged.name}", "champion")
    tour.visit("version", f"/models/{logged.name}/versions/1", "first run|echo")
    versions = quote(json.dumps({"1": logged.run, "2": logged.run}))
    name = quote(json.dumps(logged.name))
    tour.visit("compare-versions", f"/compare-model-versions?name={name}&runs={versions}", "Schema")


def test_the_ui_shows_prompts_and_settings(tour: Tour, logged: Logged) -> None:
    tour.visit("prompts", "/prompts", logged.prompt)
    tour.visit("prompt", f"/prompts/{logged.prompt}", "Say")
    tour.visit("experiment-prompts", f"/experiments/{logged.experiment}/prompts")
    tour.visit("settings", "/settings", "Settings")


def test_what_the_ui_changes_is_changed(tour: Tour, logged: Logged) -> None:
    tour.visit("rename", f"/experiments/{logged.experiment}/runs/{logged.run}", "first run")

    status = tour.page.evaluate(
        """run => fetch("ajax-api/2.0/mlflow/runs/set-tag", {
             method: "POST", headers: {"content-type": "application/json"},
             body: JSON.stringify({run_id: run, key: "seen", value: "yes"})
           }).then(answer => answer.status)""",
        logged.run,
    )

    assert status == 200
    assert mlflow.get_run(logged.run).data.tags["seen"] == "yes"


def test_the_tour_has_seen_all_that_the_ui_asks(tour: Tour) -> None:
    tour.visit("assistant", "/", "Experiments")

    assert ASKED - tour.answered == set()
