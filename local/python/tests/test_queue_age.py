"""The age of a queue's oldest message, as CloudWatch tells it."""

import time
from datetime import UTC, datetime, timedelta

import boto3


def test_tells_how_long_the_oldest_message_waits(s3_server: str) -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    sqs = session.client("sqs", endpoint_url=s3_server)
    cloudwatch = session.client("cloudwatch", endpoint_url=s3_server)
    queue = sqs.create_queue(QueueName="waiting")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="first")
    time.sleep(1.5)
    sqs.send_message(QueueUrl=queue, MessageBody="second")

    now = datetime.now(UTC)
    [answer] = cloudwatch.get_metric_data(
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),  # the answer may take a while
        MetricDataQueries=[
            {
                "Id": "age",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "ApproximateAgeOfOldestMessage",
                        "Dimensions": [{"Name": "QueueName", "Value": "waiting"}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
    )["MetricDataResults"]

    assert 1.5 <= answer["Values"][-1] < 30
    assert abs(answer["Timestamps"][-1] - now) <= timedelta(seconds=61)
