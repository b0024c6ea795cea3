"""Files of the CDK's bucket deployments in moto: in AWS a function of the CDK copies them."""

import io
import zipfile
from typing import Any

from moto.s3.models import s3_backends

from snapslice_local.cloudformation import StandIn


class BucketDeployment(StandIn):
    """``Custom::CDKBucketDeployment``: archives, unpacked into a bucket."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "BucketDeployment":
        properties = cloudformation_json["Properties"]
        s3 = s3_backends[account_id]["aws"]
        sources = zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True)
        for bucket, key in sources:
            archive = s3.get_object(bucket, key)
            if archive is None:
                raise ValueError(f"there is no s3://{bucket}/{key}")
            with zipfile.ZipFile(io.BytesIO(archive.value)) as files:
                for name in files.namelist():
                    if not name.endswith("/"):
                        s3.put_object(properties["DestinationBucketName"], name, files.read(name))
        return cls(resource_name, f"arn:aws:s3:::{properties['DestinationBucketName']}")
