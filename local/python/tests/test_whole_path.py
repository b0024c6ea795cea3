"""From a write to what the API tells of it, on the stack as ``./snapslice up`` starts it."""

from typing import Any

import requests
from registered import Bucket, eventually
from snapslice_local.recorded_bucket import Moment, RecordedBucket, diff_of, slice_of
from snapslice_local.rest import LocalStack

ODD_KEYS = ["a b+c/ä€😀.txt", "a//b", "a/", "..", "%2B%20", "tab\there", "ende\u0301", "z" * 1024]


def write_and_look(recorded: RecordedBucket) -> list[Moment]:
    """Something of everything, and the moments in between."""
    for key in [*ODD_KEYS, "plain/1", "plain/2", "plain/3"]:
        recorded.put(key, b"first")
    recorded.put_in_parts("plain/large", b"end")
    moments = [recorded.moment()]
    recorded.put("plain/1", b"second, longer")
    recorded.delete("plain/2")
    recorded.delete(ODD_KEYS[0])
    recorded.put("plain/4", b"new")
    moments.append(recorded.moment())
    marker = recorded.history["plain/2"][-1]
    recorded.remove("plain/2", marker)  # shows plain/2 again
    recorded.remove("plain/1", recorded.history["plain/1"][-1])  # shows its first version again
    recorded.delete("plain/3")
    recorded.put("plain/3", b"third time")
    moments.append(recorded.moment())
    return moments


def test_tells_what_was_there_before_it_listened_and_what_came_after(bucket: Bucket) -> None:
    recorded = bucket.recorded
    for number in range(30):
        recorded.put(f"old/{number}", b"%d" % number)
    recorded.put("old/1", b"overwritten before")
    recorded.delete("old/2")
    before = recorded.moment()

    bucket.enable()
    first, second, third = write_and_look(recorded)
    bucket.indexed(third)

    for moment in (before, first, second, third):
        assert bucket.versions(moment.spec) == moment.versions
        summary = bucket.get(f"/snapshots/{moment.spec}")
        assert (summary["objects"], summary["bytes"]) == (len(moment.objects), moment.size)
        assert summary["settled"]
    for start, end in ((before, first), (first, second), (second, third), (before, third)):
        assert bucket.versions(f"{start.spec}-{end.spec}") == slice_of(start, end)
        period = {"from": start.spec, "to": end.spec}
        changes = bucket.pages("/diff", "changes", limit="5", **period)
        assert {each["key"]: each["change"] for each in changes} == diff_of(start, end)
    for key, versions in recorded.history.items():
        told = bucket.pages("/history", "versions", key=key)
        assert [each["versionId"] for each in told] == [v.version_id for v in reversed(versions)]
        assert ["removed" in each for each in told] == [v.removed for v in reversed(versions)]
    intervals = bucket.get(
        "/timeline", **{"from": before.spec, "to": third.spec, "resolution": "PT1M"}
    )["intervals"]
    assert sum(each["created"] for each in intervals) == third.created - before.created
    assert sum(each["deleted"] for each in intervals) == third.deleted - before.deleted
    assert sum(each["removed"] for each in intervals) == 2


def test_names_the_version_whose_bytes_a_reader_gets(bucket: Bucket) -> None:
    bucket.enable()
    bucket.recorded.put("a b+c.txt", b"then")
    moment = bucket.recorded.moment()
    bucket.recorded.put("a b+c.txt", b"now")
    last = bucket.recorded.moment()
    bucket.indexed(last)

    found = bucket.get(f"/snapshots/{moment.spec}/object", key="a b+c.txt")["object"]
    url = bucket.get(f"/snapshots/{moment.spec}/object/url", key="a b+c.txt")

    assert found["versionId"] == moment.versions["a b+c.txt"]
    assert requests.get(url["url"], headers=url["headers"], timeout=10).content == b"then"


def test_makes_the_present_equal_to_a_moment_and_copies_one_elsewhere(bucket: Bucket) -> None:
    bucket.enable()
    for number in range(12):
        bucket.recorded.put(f"kept/{number}", b"good %d" % number)
    good = bucket.recorded.moment()
    for number in range(4):
        bucket.recorded.delete(f"kept/{number}")
        bucket.recorded.put(f"kept/{number + 4}", b"bad")
    bucket.recorded.put("kept/surplus", b"bad")
    bucket.indexed(bucket.recorded.moment())

    counts = bucket.post("/restores/plan", {"spec": good.spec})["counts"]
    finished(bucket, {"spec": good.spec})
    bodies = {key: written.body for key, written in good.objects.items()}
    assert bucket.recorded.bodies() == bodies
    assert (counts["undelete"], counts["copyBack"], counts["hide"]) == (4, 4, 1)

    target = {"bucket": bucket.name, "prefix": "copy/"}
    finished(bucket, {"spec": good.spec, "prefix": "kept/", "target": target})
    copies = {f"copy/{key.removeprefix('kept/')}": body for key, body in bodies.items()}
    assert bucket.recorded.bodies() == bodies | copies


def finished(bucket: Bucket, request: dict[str, object]) -> None:
    job = bucket.post("/restores", request)["id"]
    state = bucket.get(f"/restores/{job}")

    def ended() -> bool:
        nonlocal state
        state = bucket.get(f"/restores/{job}")
        return state["status"] in ("DONE", "FAILED", "CANCELLED")

    eventually(ended, lambda: state)
    assert (state["status"], state["conflicts"], state["failed"]) == ("DONE", 0, 0), state


def their_queue(stack: LocalStack, bucket: Bucket, event: str) -> str:
    """The ARN of a queue that the bucket's owner is told of ``event`` by."""
    sqs = stack.session().client("sqs", endpoint_url=stack.aws)
    url = sqs.create_queue(QueueName=f"q-{bucket.name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    events: Any = [event]
    bucket.s3.put_bucket_notification_configuration(
        Bucket=bucket.name,
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": events}]},
    )
    return arn


def queues(bucket: Bucket) -> set[str]:
    found = bucket.s3.get_bucket_notification_configuration(Bucket=bucket.name)
    return {each["QueueArn"] for each in found.get("QueueConfigurations", [])}


def test_keeps_the_notifications_of_others_and_takes_only_its_own_away(
    stack: LocalStack, bucket: Bucket
) -> None:
    theirs = their_queue(stack, bucket, "s3:ObjectTagging:*")

    bucket.enable()
    while_enabled = queues(bucket)
    bucket.post("/disable")
    eventually(lambda: bucket.get()["status"] == "DISABLED", bucket.get)

    assert while_enabled == {theirs, stack.outputs["EventsQueueArn"]}
    assert queues(bucket) == {theirs}
    assert bucket.s3.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"


def test_listens_by_event_bridge_where_notifications_leave_no_room(
    stack: LocalStack, bucket: Bucket
) -> None:
    theirs = their_queue(stack, bucket, "s3:ObjectCreated:*")

    bucket.enable()
    moments = write_and_look(bucket.recorded)
    bucket.indexed(moments[-1])

    assert queues(bucket) == {theirs}
    assert any("EventBridge" in warning for warning in bucket.get()["warnings"])
    for moment in moments:
        assert bucket.versions(moment.spec) == moment.versions
