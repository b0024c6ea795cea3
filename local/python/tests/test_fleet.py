"""The fleet of read proxies, as deployed."""

import urllib.request

from snapslice_local.rest import LocalStack


def test_the_service_runs_the_container_with_the_installations_tables(stack: LocalStack) -> None:
    ecs = stack.session().client("ecs", endpoint_url=stack.aws)
    [cluster] = ecs.list_clusters()["clusterArns"]

    [service] = ecs.list_services(cluster=cluster)["serviceArns"]
    described = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    task = ecs.describe_task_definition(taskDefinition=described["taskDefinition"])
    [container] = task["taskDefinition"]["containerDefinitions"]
    environment = {variable["name"]: variable["value"] for variable in container["environment"]}

    assert described["serviceName"] == stack.outputs["ProxyService"]
    assert environment["SNAPSLICE_INDEX_TABLE"] == stack.outputs["IndexTable"]
    assert environment["SNAPSLICE_CATALOG_TABLE"] == stack.outputs["CatalogTable"]


def test_a_proxy_with_the_containers_environment_is_healthy(stack: LocalStack) -> None:
    with urllib.request.urlopen(f"{stack.proxy}/health", timeout=10) as answer:
        assert answer.status == 200
