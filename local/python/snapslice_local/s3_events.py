"""S3 event notifications from moto, as faithful as S3's own.

moto sends no ``versionId``, no ``sequencer`` and no time zone, nothing for delete markers, two
events for a multipart upload and one ``Delete`` only when a key's last version goes. This module
replaces how moto tells of changes, and gives suspended versioning S3's meaning; all else is moto's.

What S3 sends: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import quote, quote_plus

from moto.core.utils import unix_time_millis
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response

EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"
CREATED_PUT = S3NotificationEvent.OBJECT_CREATED_PUT_EVENT
CREATED_COPY = S3NotificationEvent.OBJECT_CREATED_COPY_EVENT
REMOVED = S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
MARKER_CREATED = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT

# S3 orders a key's events by sequencer: ours counts, from the clock, so a restart goes on upwards.
_sequence = itertools.count(time.time_ns())
# One change of S3 at a time, so that versions, times and sequencers agree in their order.
_changes = threading.RLock()
# What nobody is told, guarded by _changes: moto tells of tags at every put, even without any.
_silenced: set[str] = {S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT}


@dataclass(frozen=True)
class Change:
    """What happened to one version: the source of both forms of event."""

    name: str
    bucket: FakeBucket
    key: str
    version_id: str
    at: datetime
    size: int | None
    etag: str | None
    sequencer: str

    @property
    def short_name(self) -> str:
        return self.name.removeprefix("s3:")

    def notification(self, configuration_id: str) -> dict[str, Any]:
        """The S3 Event Notification message of this change."""
        stored = {
            "key": quote_plus(self.key, safe="/*"),
            "size": self.size,
            "eTag": self.etag,
            "versionId": None if self.version_id == "null" else self.version_id,
            "sequencer": self.sequencer,
        }
        owner = {"principalId": "AWS:LOCAL"}
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": self.bucket.region_name,
            "eventTime": self.at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z",
            "eventName": self.short_name,
            "userIdentity": owner,
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": self.sequencer, "x-amz-id-2": "local"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {
                    "name": self.bucket.name,
                    "ownerIdentity": owner,
                    "arn": self.bucket.arn,
                },
                "object": _present(stored),
            },
        }
        return {"Records": [record]}

    def bridge_detail(self) -> dict[str, Any]:
        """The ``detail`` of the EventBridge event of this change: keys as they are, not encoded."""
        stored = {
            "key": self.key,
            "size": self.size,
            "etag": self.etag,
            "version-id": None if self.version_id == "null" else self.version_id,
            "sequencer": self.sequencer,
        }
        reasons = {str(CREATED_PUT.value): "PutObject", str(CREATED_COPY.value): "CopyObject"}
        removed = "ObjectRemoved" in self.name
        kind = "Delete Marker Created" if self.name == MARKER_CREATED else "Permanently Deleted"
        last = self.short_name.rpartition(":")[2]
        detail = {
            "version": "0",
            "bucket": {"name": self.bucket.name},
            "object": _present(stored),
            "request-id": self.sequencer,
            "requester": self.bucket.account_id,
            "source-ip-address": "127.0.0.1",
            "reason": "DeleteObject" if removed else reasons.get(self.name, last),
            "deletion-type": kind if removed else None,
        }
        return _present(detail)


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def send_event(account_id: str, event_name: str, bucket: FakeBucket, key: Any) -> None:
    """Tell everyone whom the bucket's configuration names, in place of moto's own function."""
    configuration = bucket.notification_configuration
    if configuration is None or event_name in _silenced:
        return
    marked = event_name == MARKER_CREATED
    created = "ObjectCreated" in event_name
    change = Change(
        name=S3NotificationEvent(event_name).value,
        bucket=bucket,
        key=key.name,
        version_id=key.version_id,
        at=key.last_modified if created or marked else datetime.now(UTC),
        size=key.size if created else None,
        etag=key.etag.strip('"') if created else EMPTY_ETAG if marked else None,
        sequencer=f"00{next(_sequence):016X}",
    )
    for target in configuration.queue:
        if target.matches(event_name, key.name):
            _, _, _, region, _, queue = target.arn.split(":")
            message = change.notification(target.id)
            notifications._send_sqs_message(account_id, message, queue, region)
    if configuration.event_bridge is not None:
        _send_to_event_bridge(account_id, change)


def _send_to_event_bridge(account_id: str, change: Change) -> None:
    from moto.events.models import events_backends
    from moto.events.utils import _BASE_EVENT_MESSAGE

    event: Any = {
        **_BASE_EVENT_MESSAGE,
        "id": change.sequencer,
        "detail-type": notifications._detail_type(f"s3:{change.short_name}"),
        "source": "aws.s3",
        "account": account_id,
        "time": change.at.timestamp(),
        "region": change.bucket.region_name,
        "resources": [change.bucket.arn],
        "detail": change.bridge_detail(),
    }
    for bus in events_backends[account_id][change.bucket.region_name].event_buses.values():
        for rule in list(bus.rules.values()):
            if rule.scheduled_expression is None:  # the others have no pattern to match
                rule.send_to_targets(event, transform_input=False)


@contextmanager
def _changing(*silenced: S3NotificationEvent) -> Iterator[None]:
    """Inside, nobody else changes anything, and moto tells nobody of the events named."""
    with _changes:
        before = set(_silenced)
        _silenced.update(silenced)
        try:
            yield
        finally:
            _silenced.intersection_update(before)


def _put_object(
    self: S3Backend, bucket_name: str, key_name: str, *args: Any, **put: Any
) -> FakeKey:
    """A put; with versioning suspended it replaces the null version and no other."""
    with _changing():
        bucket = self.get_bucket(bucket_name)
        kept = _not_null(bucket, key_name) if bucket.versioning_status == "Suspended" else []
        key = _moto_put(self, bucket_name, key_name, *args, **put)
        if kept:
            bucket.keys.setlist(key_name, [*kept, key])
        return key


def _copy_object(self: S3Backend, *args: Any, **kwargs: Any) -> None:
    with _changing():
        _moto_copy(self, *args, **kwargs)


def _complete_multipart_upload(self: S3Backend, *args: Any, **kwargs: Any) -> FakeKey | None:
    """One event, not two: moto completes an upload by a put."""
    with _changing(CREATED_PUT):
        return _moto_complete(self, *args, **kwargs)


def _delete_object(
    self: S3Backend,
    bucket_name: str,
    key_name: str,
    version_id: str | None = None,
    bypass: bool = False,
) -> tuple[bool, dict[str, Any]]:
    """A delete, told of as S3 does: the marker that was set, or the version that went."""
    with _changing(REMOVED):
        bucket = self.get_bucket(bucket_name)
        status, versions = bucket.versioning_status, bucket.keys.getlist(key_name, [])
        if version_id is None and status is not None:
            # S3 sets a marker on keys that never were, too.
            name = FakeKey(key_name, b"", self.account_id, bucket.region_name)
            marker = FakeDeleteMarker(key=name)
            if status == "Suspended":
                marker._version_id = "null"
                versions = _not_null(bucket, key_name)
            bucket.keys.setlist(key_name, [*versions, marker])
            send_event(self.account_id, MARKER_CREATED, bucket, marker)
            return True, {"version-id": marker.version_id, "delete-marker": "true"}
        if status == "Suspended":
            bucket.versioning_status = "Enabled"  # moto removes a single version only then
        try:
            answer = _moto_delete(self, bucket_name, key_name, version_id, bypass)
        finally:
            bucket.versioning_status = status
        _silenced.discard(REMOVED)
        for version in versions:
            if version_id is None or version.version_id == version_id:
                send_event(self.account_id, REMOVED, bucket, version)
        return answer


def _list_object_versions(self: S3Backend, bucket_name: str, **page: Any) -> Any:
    """A list that begins after the key marker: moto leaves out the first version after it."""
    marker = page.get("key_marker")
    if marker is not None and not page.get("version_id_marker") and not page.get("delimiter"):
        stored = self.get_bucket(bucket_name).keys.iterlists()
        upto = [v for name, versions in stored if name <= marker for v in versions]
        upto.sort(key=lambda v: (v.name, -unix_time_millis(v.last_modified)))
        page["key_marker"] = upto[-1].name if upto else None
        page["version_id_marker"] = upto[-1].version_id if upto else None
    return _moto_list_versions(self, bucket_name, **page)


def _list_versions_response(self: S3Response) -> Any:
    """The list with its keys encoded where that is asked for: moto writes them as they are."""
    status, headers, body = _moto_versions_response(self)
    if self.querystring.get("encoding-type") != ["url"]:
        return status, headers, body
    text = body.decode() if isinstance(body, bytes) else body
    text = re.sub(
        r"<(Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>([^<]*)</\1>",
        lambda field: f"<{field[1]}>{quote(unescape(field[2]))}</{field[1]}>",
        text,
    )
    end = "</ListVersionsResult>"
    return status, headers, text.replace(end, f"<EncodingType>url</EncodingType>{end}")


def _get_bucket_notification(self: S3Response) -> Any:
    """What is configured, the EventBridge switch included: moto keeps it and does not show it."""
    status, headers, body = _moto_get_notification(self)
    configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if configuration is not None and configuration.event_bridge is not None:
        text = body.decode() if isinstance(body, bytes) else body
        start, end, rest = text.partition("</NotificationConfiguration>")
        if not end:  # nothing else is configured
            start, end = text.removesuffix("/>") + ">", "</NotificationConfiguration>"
        body = f"{start}<EventBridgeConfiguration/>{end}{rest}"
    return status, headers, body


def _not_null(bucket: FakeBucket, key_name: str) -> list[Any]:
    return [v for v in bucket.keys.getlist(key_name, []) if v.version_id != "null"]


_moto_put = S3Backend.put_object
_moto_copy = S3Backend.copy_object
_moto_complete = S3Backend.complete_multipart_upload
_moto_delete = S3Backend.delete_object
_moto_list_versions = S3Backend.list_object_versions
_moto_versions_response = S3Response.list_object_versions
_moto_get_notification = S3Response.get_bucket_notification


def install() -> None:
    """Put the faithful behaviour in moto's place, for this process."""
    methods: dict[str, Callable[..., Any]] = {
        "put_object": _put_object,
        "copy_object": _copy_object,
        "complete_multipart_upload": _complete_multipart_upload,
        "delete_object": _delete_object,
        "list_object_versions": _list_object_versions,
    }
    for name, method in methods.items():
        setattr(S3Backend, name, method)
    S3Response.list_object_versions = _list_versions_response  # type: ignore[method-assign]
    S3Response.get_bucket_notification = _get_bucket_notification  # type: ignore[method-assign]
    notifications.send_event = send_event
