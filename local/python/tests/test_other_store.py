"""The whole path with a bucket in a real MinIO, whose webhook tells of its changes."""

import json
from pathlib import Path
from urllib.parse import quote_plus

import requests
from conftest import other_store
from registered import Bucket, eventually
from snapslice_local.demo import Demo
from snapslice_local.recorded_bucket import RecordedBucket
from snapslice_local.rest import Api, LocalStack
from snapslice_local.story import Story
from snapslice_local.welcome import token_of

ODD_KEYS = ["odd/a b+c/ä€😀.txt", "odd/%2B%20", "odd/x=y&z", "odd/ende\u0301"]

TOLD_KEY = "told/a b+c/ä//%2B"


def test_tells_the_history_of_a_bucket_in_minio(stack: LocalStack, tmp_path: Path) -> None:
    with other_store(stack, tmp_path) as (server, store, name):
        api = Api(stack.token_api, stack.session(), token_of(stack))
        story = Story()

        Demo(story, api, server.s3(), name, store, patience_seconds=60).run()
        assert story.wrong == []

        bucket = Bucket(RecordedBucket(server.s3(), name), api)
        recorded = bucket.recorded
        for key in ODD_KEYS:
            recorded.put(key, b"first")
        first = recorded.moment()
        recorded.put(ODD_KEYS[0], b"second")
        recorded.delete(ODD_KEYS[1])
        recorded.remove(ODD_KEYS[2], recorded.history[ODD_KEYS[2]][0])
        second = recorded.moment()
        bucket.indexed(second)
        for moment in (first, second):
            assert bucket.versions(moment.spec, prefix="odd/") == moment.versions

        webhook = f"{stack.token_api}/v1/buckets/{name}/events"
        refuse_strangers(webhook, store.webhook_secret, name)
        eventually(lambda: told_versions(bucket) == ["v1"], lambda: told_versions(bucket))


def told_versions(bucket: Bucket) -> list[str]:
    versions = bucket.pages("/history", "versions", key=TOLD_KEY)
    return [version["versionId"] for version in versions]


def refuse_strangers(webhook: str, secret: str, bucket: str) -> None:
    """Tell of a version as MinIO would, and as somebody else."""
    put = {"key": quote_plus(TOLD_KEY), "size": 1, "eTag": "e", "versionId": "v1"}
    record = {
        "eventVersion": "2.0",
        "eventSource": "minio:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-24T09:00:00.123Z",
        "eventName": "s3:ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": {**put, "sequencer": "17B2A1C3D4E5F607"}},
    }
    event = {"EventName": "s3:ObjectCreated:Put", "Key": f"{bucket}/…", "Records": [record]}
    body = json.dumps(event)

    def send(authorization: str, body: str) -> int:
        headers = {"authorization": authorization, "content-type": "application/json"}
        return requests.post(webhook, data=body, headers=headers, timeout=30).status_code

    assert send("Bearer wrong", body) == 401
    assert send("", body) == 401
    assert send(f"Bearer {secret}", "no JSON") == 400
    assert send(f"Bearer {secret}", body.replace(bucket, "some-other")) == 400
    assert send(f"Bearer {secret}", body) == 200
    assert send(secret, body) == 200  # bare, and twice
