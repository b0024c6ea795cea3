"""How old the oldest message of a queue is, in CloudWatch, where moto has no metrics of SQS.

*Indexed-through* follows it while the events queue is never empty. See
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html.
"""

from datetime import timedelta

from moto.cloudwatch.models import MetricDatum
from moto.core.common_models import CloudWatchMetricProvider
from moto.core.utils import unix_time_millis, utcnow
from moto.sqs.models import sqs_backends


class QueueAge(CloudWatchMetricProvider):
    """Measured at every question: moto asks all classes of this kind that were defined."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[MetricDatum]:
        # Who asks about the time until now is told of nothing of this very second.
        measured = utcnow().replace(microsecond=0) - timedelta(seconds=1)
        now = unix_time_millis()
        metrics = []
        for queue in list(sqs_backends[account_id][region].queues.values()):
            sent = [message.sent_timestamp or now for message in list(queue._messages)]
            metrics.append(
                MetricDatum(
                    namespace="AWS/SQS",
                    name="ApproximateAgeOfOldestMessage",
                    value=(now - min(sent, default=now)) / 1000,
                    dimensions=[{"Name": "QueueName", "Value": queue.name}],
                    timestamp=measured,
                    unit="Seconds",
                )
            )
        return metrics
