"""Another S3-compatible store, as the demo registers it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Store:
    """Another store than AWS: what Snapslice has to know of it, and where it sends its events."""

    endpoint: str
    region: str
    secret_name: str
    webhook_arn: str
    webhook_secret: str

    @property
    def registration(self) -> dict[str, Any]:
        location = {
            "type": "store",
            "endpoint": self.endpoint,
            "region": self.region,
            "secretName": self.secret_name,
        }
        return {"location": location, "webhookSecret": self.webhook_secret}

    def notify(self, s3: "S3Client", bucket: str) -> None:
        events: Any = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": self.webhook_arn, "Events": events}]
            },
        )
