"""Write a bucket for some seconds, then show what it was at several moments.

Every step tells the command that a user would type, and checks what Snapslice answers against what
S3 answered when the bucket was written: the exit status is 1 if anything differs.
"""

import argparse
import secrets
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import boto3
from botocore.exceptions import ClientError

from snapslice_local.recorded_bucket import Moment, RecordedBucket, diff_of, slice_of
from snapslice_local.rest import Api, ApiError, LocalStack
from snapslice_local.store import Store
from snapslice_local.story import Story
from snapslice_local.welcome import token_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Demo:
    """The story's places: a bucket, how it is written, and the API that tells of it."""

    story: Story
    api: Api
    s3: "S3Client"
    bucket: str
    store: Store | None = None
    patience_seconds: float = 1200  # S3 may take 15 minutes to spread a bucket's first versioning

    def run(self) -> None:
        recorded = self.make_bucket()
        self.listen()
        first, second, third = self.write(recorded)
        self.await_index(third)
        for name, moment in (("first", first), ("second", second), ("third", third)):
            self.show_snapshot(name, moment)
        self.show_changes(second, third)
        self.show_history(recorded, "reports/1.csv")
        self.show_timeline(first, third)
        self.show_label(second)
        self.restore(second)

    def curl(self, path: str, body: str = "", **query: str) -> None:
        who = (
            '-H "Authorization: Bearer $TOKEN"'
            if self.api.token
            else f"--aws-sigv4 aws:amz:{self.api.session.region_name}:execute-api"
            ' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
        )
        text = "?" + urlencode(query, quote_via=quote, safe="/") if query else ""
        data = f" -d {shlex.quote(body)}" if body else ""
        self.story.command(f'curl {who} "$API/buckets{path}{text}"{data}')

    def get(self, rest: str, **query: str) -> Any:
        self.curl(f"/{self.bucket}{rest}", **query)
        return self.api.get(f"/v1/buckets/{self.bucket}{rest}", **query)

    def entries(self, rest: str, field: str, **query: str) -> list[Any]:
        self.curl(f"/{self.bucket}{rest}", **query)
        return self.api.pages(f"/v1/buckets/{self.bucket}{rest}", field, **query)

    def post(self, rest: str, body: dict[str, Any] | None = None) -> Any:
        return self.api.post(f"/v1/buckets/{self.bucket}{rest}", body)

    def wait(self, what: str, rest: str, done: Callable[[Any], bool]) -> Any:
        """Ask until it is ``done``, showing the state that ``what`` names."""
        end = time.monotonic() + self.patience_seconds
        while True:
            answer = self.api.get(f"/v1/buckets/{self.bucket}{rest}")
            problem = answer.get("progress", {}).get("problem", "")
            state = f"{what}: {answer.get(what, 'unknown')} {problem}".rstrip()
            if done(answer):
                self.story.done(state)
                return answer
            if time.monotonic() > end:
                raise SystemExit(f"this takes too long: {answer}")
            self.story.progress(state)
            time.sleep(1)

    def make_bucket(self) -> RecordedBucket:
        self.story.chapter("A bucket that is there before Snapslice")
        self.story.command(f"aws s3 mb s3://{self.bucket}")
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError:
            region = self.s3.meta.region_name
            elsewhere: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.s3.create_bucket(
                Bucket=self.bucket, **({} if region == "us-east-1" else elsewhere)
            )
        self.s3.put_bucket_versioning(
            Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        recorded = RecordedBucket(self.s3, self.bucket)
        recorded.put("old/readme.txt", b"older than Snapslice")
        recorded.put("old/gone.txt", b"older, and deleted")
        recorded.delete("old/gone.txt")
        self.story.say("It is versioned, and holds two objects, one of them deleted.")
        return recorded

    def listen(self) -> None:
        self.story.chapter("Snapslice listens to it, and brings in what is there")
        more = self.store.registration if self.store else {}
        self.curl("", f'{{"name": "{self.bucket}"}}')
        try:
            self.api.post("/v1/buckets", {"name": self.bucket} | more)
        except ApiError as refused:
            if refused.status != 409:  # somebody has registered it
                raise
        self.curl(f"/{self.bucket}/enable", "{}")
        self.post("/enable")
        self.wait("status", "", lambda bucket: bucket["status"] == "ACTIVE")
        if self.store:
            self.store.notify(self.s3, self.bucket)

    def write(self, recorded: RecordedBucket) -> tuple[Moment, Moment, Moment]:
        self.story.chapter("Somebody writes into it for some seconds")
        for day in range(1, 9):
            recorded.put(f"reports/{day}.csv", b"day,%d\n" % day)
            recorded.put(f"images/a b+c/{day}.png", b"image %d" % day)
        recorded.put_in_parts("images/large.bin", b"the end")
        first = recorded.moment()
        self.story.say(f"{first.spec}  8 reports, 8 images and one of 5 MiB in parts")
        for day in range(1, 4):
            recorded.put(f"reports/{day}.csv", b"day,%d\ncorrected,1\n" % day)
            recorded.delete(f"images/a b+c/{day}.png")
        recorded.put("reports/9.csv", b"day,9\n")
        second = recorded.moment()
        self.story.say(f"{second.spec}  3 reports corrected, 3 images deleted, one report more")
        for key in list(recorded.objects()):
            if key.startswith("reports/"):
                recorded.delete(key)
        recorded.put("images/large.bin", b"overwritten by mistake")
        recorded.put("reports/1.csv", b"day,1\nby mistake,1\n")
        third = recorded.moment()
        self.story.say(f"{third.spec}  an accident: reports gone, the large image overwritten")
        return first, second, third

    def await_index(self, last: Moment) -> None:
        self.story.chapter("The index follows")
        self.curl(f"/{self.bucket}")
        self.wait(
            "indexedThrough",
            "",
            lambda bucket: _moment(bucket.get("indexedThrough", "1970-01-01T00:00Z")) >= last.at,
        )

    def show_snapshot(self, name: str, moment: Moment) -> None:
        self.story.chapter(f"The bucket as it was at the {name} moment, {moment.at:%H:%M:%S} UTC")
        objects = self.entries(f"/snapshots/{moment.spec}/objects", "objects")
        for entry in objects[:3]:
            self.story.say(f"{entry['size']:>9}  {entry['versionId'][:12]:12}  {entry['key']}")
        self.story.say(f"{'…':>9}")
        found = {entry["key"]: entry["versionId"] for entry in objects}
        claim = f"its {len(moment.objects)} keys and versions are those that S3 named at writing"
        self.story.check(claim, moment.versions, found)
        summary = self.get(f"/snapshots/{moment.spec}")
        counted = (summary["objects"], summary["bytes"])
        claim = f"it held {len(moment.objects)} objects and {moment.size:,} bytes"
        self.story.check(claim, (len(moment.objects), moment.size), counted)

    def show_changes(self, first: Moment, last: Moment) -> None:
        self.story.chapter("What came in between the second moment and the third")
        objects = self.entries(f"/slices/{first.spec}-{last.spec}/objects", "objects")
        found = {entry["key"]: entry["versionId"] for entry in objects}
        claim = f"the slice has the {len(found)} objects that a reader of the second has to read"
        self.story.check(claim, slice_of(first, last), found)
        changes = self.entries("/diff", "changes", **{"from": first.spec, "to": last.spec})
        kinds = {entry["key"]: entry["change"] for entry in changes}
        for key, kind in kinds.items():
            self.story.say(f"{kind:>9}  {key}")
        self.story.check("the diff names what was written", diff_of(first, last), kinds)

    def show_history(self, recorded: RecordedBucket, key: str) -> None:
        self.story.chapter("Every version of one key")
        versions = self.entries("/history", "versions", key=key)
        for version in versions:
            kind = "deleted" if version["kind"] == "delete-marker" else f"{version['size']} bytes"
            self.story.say(f"{version['created']}  {version['versionId'][:12]:12}  {kind}")
        written = [version.version_id for version in reversed(recorded.history[key])]
        found = [version["versionId"] for version in versions]
        self.story.check(f"S3 wrote these {len(written)}, newest first", written, found)

    def show_timeline(self, first: Moment, last: Moment) -> None:
        self.story.chapter("When things happened after the first moment")
        period = {"from": first.spec, "to": last.spec, "resolution": "PT1S"}
        intervals = self.get("/timeline", **period)["intervals"]
        for each in intervals:
            bars = "+" * each["created"] + "-" * each["deleted"]
            self.story.say(f"{each['start'][11:19]}  {bars}")
        written = (last.created - first.created, last.deleted - first.deleted)
        found = (sum(i["created"] for i in intervals), sum(i["deleted"] for i in intervals))
        self.story.check(
            f"{written[0]} versions created, {written[1]} keys deleted", written, found
        )

    def show_label(self, moment: Moment) -> None:
        self.story.chapter("A name for the second moment")
        name = f"good-{secrets.token_hex(3)}"
        label = {"name": name, "spec": moment.spec, "note": "before the accident"}
        self.curl(f"/{self.bucket}/labels", f'{{"name": "{name}", "spec": "{moment.spec}"}}')
        self.post("/labels", label)
        objects = self.entries(f"/snapshots/{name}/objects", "objects")
        found = {entry["key"]: entry["versionId"] for entry in objects}
        self.story.check("it shows that moment", moment.versions, found)

    def restore(self, moment: Moment) -> None:
        self.story.chapter("The accident undone")
        body = f'{{"spec": "{moment.spec}"}}'
        self.curl(f"/{self.bucket}/restores/plan", body)
        counts = self.post("/restores/plan", {"spec": moment.spec})["counts"]
        self.story.say(
            f"It would take the delete markers of {counts['undelete']} keys away, copy"
            f" {counts['copyBack']} versions ({counts['bytes']:,} bytes) and hide"
            f" {counts['hide']} keys."
        )
        self.curl(f"/{self.bucket}/restores", body)
        job = self.post("/restores", {"spec": moment.spec})["id"]
        ends = ("DONE", "FAILED", "CANCELLED")
        ended = self.wait("status", f"/restores/{job}", lambda job: job["status"] in ends)
        self.story.check("the restore ended well", "DONE", ended["status"])
        self.story.command(f"aws s3 ls --recursive s3://{self.bucket}")
        expected = {key: written.body for key, written in moment.objects.items()}
        self.story.check(
            "the bucket holds what it held at the second moment, byte by byte",
            expected,
            RecordedBucket(self.s3, self.bucket).bodies(),
        )
        self.story.say("It is itself in the history: a restore to the moment before would undo it.")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./snapslice demo", description=__doc__)
    parser.add_argument("--profile", help="an AWS profile: the demo runs in that account")
    parser.add_argument("--api-url", help="the API for signatures there, from the stack's outputs")
    parser.add_argument("--bucket", help="the bucket (default: a new one)")
    store = parser.add_argument_group("another store than AWS (MinIO, …)")
    store.add_argument("--endpoint-url", help="the store; --profile holds its credentials")
    store.add_argument("--secret-name", help="the secret by which Snapslice reaches the store")
    store.add_argument("--webhook-arn", help="how the store names its webhook")
    store.add_argument("--webhook-secret", help="what its webhook sends as its token")
    arguments = parser.parse_args()
    whole = all((arguments.secret_name, arguments.webhook_arn, arguments.webhook_secret))
    if arguments.endpoint_url and not (whole and arguments.bucket):
        parser.error(
            "--endpoint-url needs --bucket, --secret-name, --webhook-arn and --webhook-secret"
        )
    if arguments.profile and not (arguments.api_url or arguments.endpoint_url):
        parser.error("--profile needs --api-url: it is among the outputs of the API's stack")
    return arguments


def main() -> None:
    """The program behind ``./snapslice demo``."""
    arguments = _parse()
    if arguments.api_url:
        session = boto3.Session(profile_name=arguments.profile)
        api = Api(arguments.api_url.rstrip("/").removesuffix("/v1"), session)
        s3 = session.client("s3", endpoint_url=arguments.endpoint_url)
    else:
        stack = LocalStack.running()
        api = Api(stack.token_api, stack.session(), token_of(stack))
        session = boto3.Session(profile_name=arguments.profile)
        store_session = session if arguments.endpoint_url else stack.session()
        s3 = store_session.client("s3", endpoint_url=arguments.endpoint_url or stack.aws)
    store = None
    if arguments.endpoint_url:
        store = Store(
            arguments.endpoint_url,
            s3.meta.region_name,
            arguments.secret_name,
            arguments.webhook_arn,
            arguments.webhook_secret,
        )
    bucket = arguments.bucket or f"snapslice-demo-{secrets.token_hex(4)}"
    story = Story()
    try:
        Demo(story, api, s3, bucket, store).run()
    except ApiError as refused:
        raise SystemExit(f"the API refused: {refused}") from refused
    if story.wrong:
        raise SystemExit(f"\n{len(story.wrong)} things were not as they should be")
    print(f"\nAll as S3 said. The bucket {bucket} is left for you to look at.")


if __name__ == "__main__":
    main()
