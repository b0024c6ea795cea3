"""The AWS of one machine: moto's server, with what our stacks and the index need beyond it."""

from moto import server

from snapslice_local import cloudformation, overlaps, s3_events
from snapslice_local.bucket_files import BucketDeployment
from snapslice_local.queue_age import QueueAge

# A class that is known is one that moto asks.
__all__ = ["QueueAge"]

if __name__ == "__main__":
    s3_events.install()
    overlaps.install()
    cloudformation.OURS["Custom::CDKBucketDeployment"] = BucketDeployment
    cloudformation.install()
    server.main()
