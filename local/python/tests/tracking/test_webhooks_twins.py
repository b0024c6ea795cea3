"""Webhooks of the registry: answers and deliveries as MLflow's own server gives them."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from snapslice_local.redrive import redrive
from snapslice_local.rest import LocalStack
from tracking.receiver import Receiver, receiver
from tracking.registry import MODELS, PROMPT, VERSIONS
from tracking.twins import Server, Twins, plain

WEBHOOKS = "webhooks"
CREATED = {"entity": "REGISTERED_MODEL", "action": "CREATED"}
URL = "https://example.com/hook"

# As often as the queue hands out a message before it is a dead letter.
TRIES = 5
EVENTS = [
    ("REGISTERED_MODEL", "CREATED"),
    ("MODEL_VERSION", "CREATED"),
    *(("MODEL_VERSION_TAG", action) for action in ("SET", "DELETED")),
    *(("MODEL_VERSION_ALIAS", action) for action in ("CREATED", "DELETED")),
    ("PROMPT", "CREATED"),
    ("PROMPT_VERSION", "CREATED"),
    *(("PROMPT_TAG", action) for action in ("SET", "DELETED")),
    *(("PROMPT_VERSION_TAG", action) for action in ("SET", "DELETED")),
    *(("PROMPT_ALIAS", action) for action in ("CREATED", "DELETED")),
]
ALL = [{"entity": entity, "action": action} for entity, action in EVENTS]


@pytest.fixture
def hooks() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def on(twins: Twins, method: str, known: str, end: str = "", /, **message: Any) -> tuple[int, Any]:
    """Calls both about a webhook, whose id is in the path."""
    answers = []
    for side, server in enumerate((twins.ours, twins.theirs)):
        path = f"{WEBHOOKS}/{twins.names.get(known, (known, known))[side]}{end}"
        answers.append(twins.told(server, side, method, path, message))
    assert answers[0] == answers[1], f"{method} {known} {message}: {answers}"
    return answers[0]


def create(twins: Twins, **message: Any) -> str:
    """A webhook in both."""
    known = f"<hook {uuid.uuid4().hex[:8]}>"
    message = {"name": "h", "url": URL, "events": [CREATED], **message}
    twins.create(WEBHOOKS, known, ("webhook", "webhook_id"), **message)
    return known


@pytest.mark.parametrize(
    "message",
    [
        {"name": ""},
        {"name": 5},
        {"name": "-a"},
        {"name": "a b"},
        {"name": "a" * 64},
        {"url": ""},
        {"url": "  "},
        {"url": "example.com"},
        {"url": "ftp://example.com"},
        {"url": "https://"},
        {"events": []},
        {"events": "all"},
        {"events": [{"entity": "REGISTERED_MODEL", "action": "DELETED"}]},
        {"events": [{"entity": "PROMPT_TAG", "action": "CREATED"}]},
        {"description": 1},
        {"secret": 1},
    ],
)
def test_a_webhook_is_refused_alike(twins: Twins, message: dict[str, Any]) -> None:
    asked = {"name": "h", "url": URL, "events": [CREATED], **message}

    assert twins.call("POST", WEBHOOKS, **asked)[0] == 400


def test_a_webhook_lives_alike(twins: Twins) -> None:
    known = create(twins, name="a.b-c_D", description="one", secret="s3cr3t", events=[ALL[1]])

    _, answer = on(twins, "GET", known)
    assert "secret" not in str(answer)
    on(twins, "PATCH", known, name="other", description="", url=URL + "/2")
    on(twins, "PATCH", known, events=[ALL[0]], status="DISABLED", secret="new")
    on(twins, "PATCH", known, name="-")
    on(twins, "PATCH", known, url="ftp://x")
    on(twins, "PATCH", known)
    on(twins, "GET", known)
    assert on(twins, "DELETE", known) == (200, {})
    for method in ("GET", "PATCH", "DELETE"):
        assert on(twins, method, known)[0] == 404
    assert on(twins, "POST", known, "/test")[0] == 404


def test_webhooks_are_listed_alike(twins: Twins) -> None:
    made = []
    for number in range(3):
        time.sleep(0.01)
        made.append(create(twins, name=f"h{number}"))

    for message in ({}, {"max_results": 0}, {"max_results": -1}, {"max_results": 1001}):
        twins.call("GET", WEBHOOKS, **message)
    _, page = twins.call("GET", WEBHOOKS, max_results=2)
    twins.call("GET", WEBHOOKS, max_results=2, page_token=page["next_page_token"])
    for known in made:
        on(twins, "DELETE", known)


@pytest.mark.parametrize("event", ALL)
def test_a_webhook_is_tested_alike(twins: Twins, hooks: Receiver, event: dict[str, str]) -> None:
    known = create(twins, url=hooks.url + "/test", secret="s", events=[event])

    _, answer = on(twins, "POST", known, "/test")
    assert answer["result"]["response_status"] == 200
    on(twins, "POST", known, "/test", event=CREATED)
    ours, theirs, *again = hooks.received
    assert ours.event() == theirs.event()
    assert len(again) == 2 and again[0].event() == again[1].event()
    assert all(request.is_signed_with("s") for request in hooks.received)
    on(twins, "DELETE", known)


def change_all(server: Server, name: str, tags: list[dict[str, str]]) -> None:
    """Makes every change of a model or a prompt of which webhooks may be told."""
    at = {"name": name, "version": "1"}
    source = "dummy-source" if PROMPT in tags else "s3://b/m"
    for method, path, message in (
        ("POST", MODELS + "create", {"name": name, "tags": tags, "description": ""}),
        ("POST", VERSIONS + "create", {"name": name, "source": source, "tags": tags}),
        ("POST", MODELS + "set-tag", {"name": name, "key": "k", "value": "v"}),
        ("DELETE", MODELS + "delete-tag", {"name": name, "key": "k"}),
        ("POST", VERSIONS + "set-tag", {**at, "key": "k", "value": "ü"}),
        ("DELETE", VERSIONS + "delete-tag", {**at, "key": "k"}),
        ("POST", MODELS + "alias", {**at, "alias": "best"}),
        ("DELETE", MODELS + "alias", {"name": name, "alias": "best"}),
    ):
        assert server.call(method, path, message)[0] == 200, path


@pytest.mark.parametrize(
    ("tags", "many"), [([{"key": "a", "value": "1"}], 6), ([PROMPT, {"key": "b"}], 8)]
)
def test_changes_are_told_alike(
    twins: Twins, hooks: Receiver, tags: list[dict[str, str]], many: int
) -> None:
    if many == 8:
        tags = [*tags, {"key": "mlflow.prompt.text", "value": "Hi {{you}}"}]
    known = create(twins, url=hooks.url + "/told", secret="s", events=ALL)
    # Who changes the registry may have looked for webhooks a moment ago.
    time.sleep(6)
    name = f"m-{uuid.uuid4().hex[:12]}"

    change_all(twins.ours, name, tags)
    ours = hooks.wait("/told", many)
    change_all(twins.theirs, name, tags)
    theirs = hooks.wait("/told", 2 * many)[many:]

    assert in_order(ours) == in_order(theirs)
    assert all(request.is_signed_with("s") for request in ours)
    assert len({request.headers["x-mlflow-delivery-id"] for request in ours}) == many
    on(twins, "DELETE", known)


def in_order(requests: list[Any]) -> list[Any]:
    """Events in one order: neither server promises any."""
    return sorted((plain(request.event(), {}) for request in requests), key=str)


def test_what_is_refused_for_now_comes_again_as_it_was(twins: Twins, hooks: Receiver) -> None:
    known = create(twins, url=hooks.url + "/again", secret="s", events=[CREATED])
    time.sleep(6)
    hooks.statuses.extend([503, 429])

    twins.ours.call("POST", MODELS + "create", {"name": f"m-{uuid.uuid4().hex}"})

    received = hooks.wait("/again", 3)
    assert len({request.headers["x-mlflow-delivery-id"] for request in received}) == 1
    assert len({request.body for request in received}) == 1
    assert all(request.is_signed_with("s") for request in received)
    on(twins, "DELETE", known)


def test_what_is_never_taken_is_kept_aside_and_delivered_when_it_is_brought_back(
    twins: Twins, hooks: Receiver, stack: LocalStack
) -> None:
    sqs = stack.session().client("sqs", endpoint_url=stack.aws)
    dead, queue = stack.outputs["WebhooksDlqUrl"], stack.outputs["WebhooksQueueUrl"]
    known = create(twins, url=hooks.url + "/dead", secret="s", events=[CREATED])
    time.sleep(6)
    # One more than it is tried, so that one that came once too often would be refused, too.
    hooks.statuses.extend([503] * (TRIES + 1))

    twins.ours.call("POST", MODELS + "create", {"name": f"m-{uuid.uuid4().hex}"})

    hooks.wait("/dead", TRIES)
    end = time.monotonic() + 30
    while many(sqs, dead) == 0 and time.monotonic() < end:
        time.sleep(0.5)
    assert (many(sqs, dead), len(hooks.received)) == (1, TRIES)
    hooks.statuses.clear()
    assert redrive(sqs, dead, queue) == 1
    received = hooks.wait("/dead", TRIES + 1)
    assert len({request.headers["x-mlflow-delivery-id"] for request in received}) == 1
    assert len({request.body for request in received}) == 1
    assert received[-1].is_signed_with("s")
    assert many(sqs, dead) == 0
    on(twins, "DELETE", known)


def many(sqs: Any, queue: str) -> int:
    """How many messages a queue has."""
    name = "ApproximateNumberOfMessages"
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(told["Attributes"][name])


def test_a_webhook_that_is_disabled_is_told_nothing(twins: Twins, hooks: Receiver) -> None:
    off = create(twins, url=hooks.url + "/off", events=[CREATED], status="DISABLED")
    on_too = create(twins, url=hooks.url + "/on", events=[CREATED])
    time.sleep(6)

    twins.ours.call("POST", MODELS + "create", {"name": f"m-{uuid.uuid4().hex}"})

    hooks.wait("/on", 1)
    assert [request.path for request in hooks.received] == ["/on"]
    on(twins, "DELETE", off)
    on(twins, "DELETE", on_too)
