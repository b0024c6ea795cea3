"""Bring the messages of a dead-letter queue back to its queue, after what failed was mended.

Order and repetition do not matter to the index, so a message is sent before it is deleted.
"""

import argparse
from typing import TYPE_CHECKING

import boto3

from snapslice_local.rest import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


def redrive(sqs: "SQSClient", source: str, target: str) -> int:
    """Move every message of ``source`` to ``target``; returns how many there were."""
    moved = 0
    while messages := sqs.receive_message(
        QueueUrl=source, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def main() -> None:
    """The program behind ``./snapslice redrive``."""
    parser = argparse.ArgumentParser(prog="./snapslice redrive", description=__doc__)
    parser.add_argument("--profile", help="an AWS profile: redrive in that account")
    parser.add_argument("--queue-url", help="the queue (default: of the stack that runs here)")
    parser.add_argument("--dlq-url", help="its dead-letter queue (default likewise)")
    arguments = parser.parse_args()

    if arguments.profile:
        if not (arguments.queue_url and arguments.dlq_url):
            parser.error("--profile needs --queue-url and --dlq-url: they are outputs of the stack")
        sqs = boto3.Session(profile_name=arguments.profile).client("sqs")
        target, source = arguments.queue_url, arguments.dlq_url
    else:
        stack = LocalStack.running()
        sqs = stack.session().client("sqs", endpoint_url=stack.aws)
        target = arguments.queue_url or stack.outputs["EventsQueueUrl"]
        source = arguments.dlq_url or stack.outputs["EventsDlqUrl"]
    print(f"{redrive(sqs, source, target)} messages brought back")


if __name__ == "__main__":
    main()
