"""S3's refusal of notifications that overlap, which moto takes.

Two configurations of a bucket must not tell of the same event for the same key. See
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html.
"""

from itertools import combinations
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import Notification, NotificationConfiguration, S3Backend

_moto_put = S3Backend.put_bucket_notification_configuration


def _overlap(one: Notification, other: Notification) -> bool:
    events = any(_same_event(a, b) for a in one.events for b in other.events)
    prefixes, suffixes = (
        (_filter(one, name), _filter(other, name)) for name in ("prefix", "suffix")
    )
    return (
        events
        and (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0]))
        and (suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0]))
    )


def _same_event(one: str, other: str) -> bool:
    if one.endswith("*") and other.startswith(one[:-1]):
        return True
    return one == other or (other.endswith("*") and one.startswith(other[:-1]))


def _filter(notification: Notification, name: str) -> str:
    rules = notification.filters.get("S3Key", {}).get("FilterRule", [])
    several = rules if isinstance(rules, list) else [rules]  # a single one stands alone
    return next((rule["Value"] for rule in several if rule["Name"].lower() == name), "")


def _put(self: S3Backend, bucket_name: str, notification_config: dict[str, Any]) -> None:
    asked = NotificationConfiguration(
        topic=notification_config.get("TopicConfiguration"),
        queue=notification_config.get("QueueConfiguration"),
        cloud_function=notification_config.get("CloudFunctionConfiguration"),
    )
    pairs = combinations([*asked.topic, *asked.queue, *asked.cloud_function], 2)
    if any(_overlap(one, other) for one, other in pairs):
        raise S3ClientError(
            "InvalidArgument",
            "Configurations overlap. Configurations on the same bucket cannot share a common event"
            " type.",
        )
    _moto_put(self, bucket_name, notification_config)


def install() -> None:
    """Put the refusal in place, for this process."""
    setattr(S3Backend, "put_bucket_notification_configuration", _put)  # noqa: B010
