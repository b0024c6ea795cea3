"""What moto's CloudFormation lacks, so that a whole app deploys.

moto skips the types that it does not know, and a reference to one of them then breaks the stack.
Here each gets a stand-in with a name and ARNs; Lambda versions and aliases, which event source
mappings and permissions go through, become real ones of moto's.
"""

from typing import Any

from moto.awslambda.models import lambda_backends
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.kms.models import Key, kms_backends


class StandIn(CloudFormationModel):
    """A resource that exists by name only."""

    def __init__(self, name: str, arn: str) -> None:
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.arn if attribute_name.endswith("Arn") else self.name

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "StandIn":
        _, service, kind = cloudformation_json["Type"].split("::")
        arn = f"arn:aws:{service.lower()}:{region_name}:{account_id}:{kind.lower()}/{resource_name}"
        return cls(resource_name, arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "StandIn",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "StandIn":
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        """Nothing was made."""

    def is_created(self) -> bool:
        return True


class Version(StandIn):
    """``AWS::Lambda::Version``; its physical name is its ARN, as in AWS."""

    def __init__(self, arn: str) -> None:
        super().__init__(arn, arn)

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.arn.rpartition(":")[2] if attribute_name == "Version" else self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Version":
        name = cloudformation_json["Properties"]["FunctionName"]
        version = lambda_backends[account_id][region_name].publish_version(name)
        if version is None:
            raise ValueError(f"there is no function {name} to publish a version of")
        return cls(version.function_arn)


class Alias(StandIn):
    """``AWS::Lambda::Alias``; its physical name is its ARN, as in AWS."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Alias":
        properties = cloudformation_json["Properties"]
        alias = lambda_backends[account_id][region_name].create_alias(
            name=properties["Name"],
            function_name=properties["FunctionName"],
            function_version=properties["FunctionVersion"],
            description=properties.get("Description", ""),
            routing_config="",
        )
        return cls(alias.arn, alias.arn)


class NetworkBalancer(StandIn):
    """A network load balancer or a part of it, named by its ARN as in AWS; moto has HTTP's only."""

    def get_cfn_attribute(self, attribute_name: str) -> str:
        name = self.arn.partition("/")[2]
        return f"{name.split('/')[1]}.localhost" if attribute_name == "DNSName" else name

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "NetworkBalancer":
        kind = cloudformation_json["Type"].rpartition("::")[2].lower()
        owner = f"arn:aws:elasticloadbalancing:{region_name}:{account_id}"
        arn = f"{owner}:{kind}/net/{resource_name}/0/0"
        return cls(arn, arn)


class KmsKey(Key):
    """``AWS::KMS::Key`` of the asked kind: moto makes each one symmetric."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Key:
        properties = cloudformation_json["Properties"]
        return kms_backends[account_id][region_name].create_key(
            policy=properties["KeyPolicy"],
            key_usage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
            key_spec=properties.get("KeySpec", "SYMMETRIC_DEFAULT"),
            description=properties.get("Description", ""),
            tags=properties.get("Tags", []),
        )


# Types of which moto has nothing, or too little: no attributes in the case of versions, no network
# load balancers.
OURS: dict[str, Any] = {
    "AWS::ElasticLoadBalancingV2::Listener": NetworkBalancer,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": NetworkBalancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": NetworkBalancer,
    "AWS::KMS::Key": KmsKey,
    "AWS::Lambda::Version": Version,
    "AWS::Lambda::Alias": Alias,
}
_moto_class = parsing.resource_class_from_type


def _class_of(resource_type: str) -> type[CloudFormationModel]:
    if resource_type in OURS:
        ours: type[CloudFormationModel] = OURS[resource_type]
        return ours
    known = resource_type in parsing.NULL_MODELS or resource_type in parsing.get_model_map()
    if known or resource_type.startswith("Custom::"):
        moto_class: type[CloudFormationModel] = _moto_class(resource_type)
        return moto_class
    return StandIn


def install() -> None:
    """Put the stand-ins in place, for this process."""
    setattr(parsing, "resource_class_from_type", _class_of)  # noqa: B010
