"""Deploy the CDK app into the local AWS and write down what was deployed.

Nothing here knows our stacks: functions, queues, schedules and routes are read from what
CloudFormation made of the templates, so that the local stack runs what AWS would run. Three things
differ on one machine: moto's own event source mappings (they want Docker) are switched off, the
tables are made again, with the same schema, in DynamoDB Local, and MLflow's address is not
CloudFront's.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True)
class Function:
    """A Lambda function, its code already beside us."""

    name: str
    jar: str
    handler: str
    environment: dict[str, str]
    timeout_seconds: int
    memory_mib: int


@dataclass(frozen=True)
class QueueSource:
    """An event source mapping from a queue to a function."""

    queue_arn: str
    queue_url: str
    function: str
    batch_size: int
    window_seconds: int


@dataclass(frozen=True)
class Route:
    """A route of an HTTP API; ``authorizer`` names the function that is asked first, if any."""

    key: str
    function: str
    authorization: str
    authorizer: str | None


@dataclass(frozen=True)
class Api:
    name: str
    routes: list[Route]


@dataclass(frozen=True)
class Deployed:
    """Everything the local stack has to run."""

    functions: list[Function]
    queues: list[QueueSource]
    scheduled: list[str]
    apis: list[Api]
    proxy: dict[str, str]
    outputs: dict[str, str]


@dataclass(frozen=True)
class Stack:
    """One deployed stack: its template, and the names that its resources got."""

    name: str
    template: dict[str, Any]
    physical: dict[str, str]

    def of_type(self, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical, resource in self.template["Resources"].items():
            if resource["Type"] in types:
                yield logical, resource["Properties"]


class Reader:
    """Reads a deployment from the AWS at ``endpoint``; code is downloaded below ``folder``."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.session = boto3.Session("test", "test", region_name=REGION)
        self.endpoint = endpoint
        self.folder = folder
        self.cloudformation = self.client("cloudformation")
        self.stacks = list(self._stacks())
        exports = self.cloudformation.list_exports()["Exports"]
        self.exports = {export["Name"]: export["Value"] for export in exports}

    def client(self, service: Any) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)

    def read(self) -> Deployed:
        named = self._named_outputs()
        outputs = {
            output["OutputKey"]: output["OutputValue"]
            for stack in self.cloudformation.describe_stacks()["Stacks"]
            for output in stack.get("Outputs", [])
            if output["OutputKey"] in named
        }
        return Deployed(
            functions=list(self._functions()),
            queues=list(self._queue_sources()),
            scheduled=list(self._scheduled()),
            apis=list(self._apis()),
            proxy=self._proxy(),
            outputs=outputs,
        )

    def _named_outputs(self) -> set[str]:
        """Those for users; the CDK's own carry what one stack takes from another."""
        return {
            name
            for stack in self.stacks
            for name, output in stack.template.get("Outputs", {}).items()
            if "Export" not in output
        }

    def _stacks(self) -> Iterator[Stack]:
        for summary in self.cloudformation.describe_stacks()["Stacks"]:
            name = summary["StackName"]
            if name == "CDKToolkit":
                continue
            template = self.cloudformation.get_template(StackName=name)["TemplateBody"]
            resources = self.cloudformation.describe_stack_resources(StackName=name)
            yield Stack(
                name,
                template if isinstance(template, dict) else json.loads(template),
                {
                    resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
                    for resource in resources["StackResources"]
                },
            )

    def _functions(self) -> Iterator[Function]:
        functions, s3 = self.client("lambda"), self.client("s3")
        for stack in self.stacks:
            for logical, properties in stack.of_type("AWS::Lambda::Function"):
                if not properties.get("Runtime", "").startswith("java"):
                    continue  # CDK's own custom resources
                name = stack.physical[logical]
                code = properties["Code"]
                bucket = code["S3Bucket"]
                if isinstance(bucket, dict):
                    bucket = bucket["Fn::Sub"]
                bucket = bucket.replace("${AWS::AccountId}", ACCOUNT)
                jar = self.folder / name / "function.jar"
                jar.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(bucket.replace("${AWS::Region}", REGION), code["S3Key"], str(jar))
                deployed = functions.get_function_configuration(FunctionName=name)
                yield Function(
                    name=name,
                    jar=str(jar),
                    handler=deployed["Handler"],
                    environment=deployed.get("Environment", {}).get("Variables", {}),
                    timeout_seconds=deployed["Timeout"],
                    memory_mib=deployed["MemorySize"],
                )

    def _queue_sources(self) -> Iterator[QueueSource]:
        functions, sqs = self.client("lambda"), self.client("sqs")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
            arn = mapping["EventSourceArn"]
            yield QueueSource(
                queue_arn=arn,
                queue_url=sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"],
                function=self._known(mapping["FunctionArn"]),
                batch_size=mapping["BatchSize"],
                window_seconds=mapping.get("MaximumBatchingWindowInSeconds", 0),
            )

    def _scheduled(self) -> Iterator[str]:
        for stack in self.stacks:
            for _, properties in stack.of_type("AWS::Events::Rule"):
                if "ScheduleExpression" in properties:
                    for target in properties["Targets"]:
                        yield self._function_in(stack, target["Arn"])
            for _, properties in stack.of_type("AWS::Scheduler::Schedule"):
                yield self._function_in(stack, properties["Target"]["Arn"])

    def _apis(self) -> Iterator[Api]:
        for stack in self.stacks:
            for logical, properties in stack.of_type("AWS::ApiGatewayV2::Api"):
                routes = [
                    self._route(other, route)
                    for other in self.stacks
                    for _, route in other.of_type("AWS::ApiGatewayV2::Route")
                    if self._name_in(other, route["ApiId"]) == stack.physical[logical]
                ]
                yield Api(properties["Name"], routes)

    def _name_in(self, stack: Stack, value: dict[str, str]) -> str:
        """The name of the resource that ``value`` is a reference to, in whatever stack it is."""
        if "Ref" in value:
            return stack.physical[value["Ref"]]
        return str(self.exports[value["Fn::ImportValue"]])

    def _proxy(self) -> dict[str, str]:
        """The environment of the fleet's container."""
        ecs = self.client("ecs")
        [task] = ecs.list_task_definitions()["taskDefinitionArns"]
        [container] = ecs.describe_task_definition(taskDefinition=task)["taskDefinition"][
            "containerDefinitions"
        ]
        return {variable["name"]: variable["value"] for variable in container["environment"]}

    def _route(self, stack: Stack, route: dict[str, Any]) -> Route:
        resources = stack.template["Resources"]
        target = next(
            name
            for name in _references(route["Target"])
            if resources[name]["Type"] == "AWS::ApiGatewayV2::Integration"
        )
        uri = resources[target]["Properties"]["IntegrationUri"]
        authorization = route.get("AuthorizationType", "NONE")
        authorizer = None
        if authorization == "CUSTOM":
            [name] = _references(route["AuthorizerId"])
            authorizer = self._function_in(stack, resources[name]["Properties"]["AuthorizerUri"])
        return Route(route["RouteKey"], self._function_in(stack, uri), authorization, authorizer)

    def _function_in(self, stack: Stack, value: Any) -> str:
        """The function that ``value``, an ARN with references in it, leads to, by alias or not."""
        resources = stack.template["Resources"]
        for name in _references(value):
            resource = resources.get(name)
            if resource is None:
                if name in self.exports:
                    return self._known(self.exports[name])
            elif resource["Type"] == "AWS::Lambda::Function":
                return stack.physical[name]
            elif resource["Type"] in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
                return self._function_in(stack, resource["Properties"]["FunctionName"])
        raise ValueError(f"no function is named in {json.dumps(value)} of stack {stack.name}")

    def _known(self, arn: str) -> str:
        """The name of the function in an ARN, without a version or alias behind it."""
        return arn.partition(":function:")[2].split(":")[0] if ":function:" in arn else arn


def _references(value: Any) -> Iterator[str]:
    """The logical ids and export names that a template's value refers to, in order."""
    if isinstance(value, list):
        for part in value:
            yield from _references(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in ("Ref", "Fn::ImportValue") and isinstance(part, str):
                yield part
            elif key == "Fn::GetAtt":
                yield part[0]
            else:
                yield from _references(part)


def copy_tables(source: "DynamoDBClient", target: "DynamoDBClient") -> None:
    """Make every table of ``source`` in ``target``, where it is missing: keys and TTL attribute."""
    there = target.list_tables()["TableNames"]
    for name in source.list_tables()["TableNames"]:
        if name in there:
            continue
        table = source.describe_table(TableName=name)["Table"]
        target.create_table(
            TableName=name,
            KeySchema=table["KeySchema"],
            AttributeDefinitions=table["AttributeDefinitions"],
            BillingMode="PAY_PER_REQUEST",
        )
        ttl = source.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if ttl.get("TimeToLiveStatus") == "ENABLED":
            target.update_time_to_live(
                TableName=name,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": ttl["AttributeName"]},
            )


def cdk(endpoint: str, app: Path, output: Path, *command: str) -> None:
    """Run a command of the CDK's own tool on the app, against the local AWS."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CI": "true",  # progress goes to standard output
    }
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        environment.pop(name, None)
    subprocess.run(
        ["cdk", *command, "--output", str(output), "--no-notices"],
        cwd=app,
        env=environment,
        check=True,
    )


def main() -> None:
    """Deploy, read, write: the program that ``./snapslice up`` runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True, help="the local AWS")
    parser.add_argument("--dynamodb", required=True, help="DynamoDB Local")
    parser.add_argument("--app", type=Path, required=True, help="the folder of the CDK app")
    parser.add_argument("--folder", type=Path, required=True, help="where code and result go")
    parser.add_argument("--default-permission", default="MANAGE", help="of users of MLflow")
    parser.add_argument("--mlflow-url", required=True, help="what stands for CloudFront's address")
    parser.add_argument("--sign-in-issuer", default="", help="OpenID provider, beside Cognito")
    arguments = parser.parse_args()

    output = arguments.folder / "cdk.out"
    account = f"aws://{ACCOUNT}/{REGION}"
    cdk(arguments.endpoint, arguments.app, output, "bootstrap", account)
    # moto forgets outputs and exports of a stack that a change set made.
    approved = ("deploy", "--all", "--require-approval", "never", "--method", "direct")
    # The proxy runs as a process here: no image is built, for which Docker would be needed.
    no_image = ("--context", "proxyImage=snapslice/proxy")
    default = ("--context", f"mlflowDefaultPermission={arguments.default_permission}")
    provider: tuple[str, ...] = ()
    if arguments.sign_in_issuer:
        issuer = f"signInIssuer={arguments.sign_in_issuer}"
        provider = ("--context", issuer, "--context", "signInClient=snapslice")
    cdk(arguments.endpoint, arguments.app, output, *approved, *no_image, *default, *provider)
    reader = Reader(arguments.endpoint, arguments.folder / "functions")
    deployed = reader.read()
    for function in deployed.functions:
        if "SNAPSLICE_UI_URL" in function.environment:
            function.environment["SNAPSLICE_UI_URL"] = arguments.mlflow_url
    copy_tables(
        reader.client("dynamodb"),
        reader.session.client("dynamodb", endpoint_url=arguments.dynamodb),
    )
    target = arguments.folder / "deployment.json"
    target.write_text(json.dumps(asdict(deployed), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
