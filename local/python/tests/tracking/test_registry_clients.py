"""MLflow's own clients, unmodified, against our model registry."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from tracking.twins import Server

AT_ONCE = 8
LARGEST_TEXT = 100_000


@pytest.fixture
def client(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(stack))
    mlflow.set_tracking_uri(stack.mlflow)
    mlflow.set_registry_uri(stack.mlflow)
    return MlflowClient()


@pytest.fixture
def name() -> str:
    return f"m-{uuid.uuid4().hex[:12]}"


def test_a_model_goes_to_production(client: MlflowClient, name: str) -> None:
    client.create_registered_model(name, tags={"team": "a"}, description="a model")
    for number in range(3):
        made = client.create_model_version(
            name, f"s3://bucket/{number}", tags={"n": str(number)}, await_creation_for=0
        )
        assert int(made.version) == number + 1
    client.set_registered_model_alias(name, "champion", "2")
    client.set_model_version_tag(name, "2", "checked", "yes")
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    client.update_model_version(name, "3", description="the newest")

    assert client.get_model_version_by_alias(name, "champion").tags["checked"] == "yes"
    assert client.get_model_version_by_alias(name, "latest").version == "3"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert client.get_model_version_download_uri(name, "3") == "s3://bucket/2"
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number"])
    assert [(each.version, each.current_stage) for each in found] == [
        ("1", "Archived"),
        ("2", "Production"),
        ("3", "None"),
    ]
    copy = client.copy_model_version(f"models:/{name}@champion", name + "-copy")
    assert copy.source == f"models:/{name}/2"
    assert client.get_model_version_download_uri(name + "-copy", "1") == "s3://bucket/1"

    client.rename_registered_model(name, name + "-new")
    renamed = client.get_registered_model(name + "-new")
    assert renamed.aliases == {"champion": "2"}
    assert {each.current_stage for each in renamed.latest_versions} == {
        *("None", "Archived", "Production")
    }
    client.delete_model_version(name + "-new", "3")
    client.delete_registered_model(name + "-new")
    with pytest.raises(MlflowException, match="not found"):
        client.get_model_version(name + "-new", "1")
    assert client.search_registered_models(f"name LIKE '{name}%'")[0].name == name + "-copy"


def test_whoever_makes_versions_at_once_gets_numbers(client: MlflowClient, name: str) -> None:
    client.create_registered_model(name)

    def make(number: int) -> str:
        made = client.create_model_version(name, f"s3://bucket/{number}", await_creation_for=0)
        client.set_model_version_tag(name, made.version, "n", str(number))
        client.set_registered_model_alias(name, f"a{number}", made.version)
        return str(made.version)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        numbers = list(threads.map(make, range(AT_ONCE)))

    assert sorted(map(int, numbers)) == list(range(1, AT_ONCE + 1))
    aliases = client.get_registered_model(name).aliases
    assert aliases == {f"a{number}": version for number, version in enumerate(numbers)}
    for number, version in enumerate(numbers):
        assert client.get_model_version(name, version).source == f"s3://bucket/{number}"


def test_what_is_too_large_is_refused(client: MlflowClient, name: str) -> None:
    client.create_registered_model(name)
    for number in range(3):
        client.set_registered_model_tag(name, f"t{number}", "x" * LARGEST_TEXT)

    with pytest.raises(MlflowException, match="more than one item of DynamoDB holds") as refused:
        client.set_registered_model_tag(name, "t3", "ü" * LARGEST_TEXT)

    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert len(client.get_registered_model(name).tags) == 3


def test_a_prompt_is_kept_apart_from_models(client: MlflowClient, name: str) -> None:
    first = mlflow.genai.register_prompt(name, "Hello {{who}}", commit_message="one")
    mlflow.genai.register_prompt(
        name, [{"role": "user", "content": "Bye {{who}}"}], tags={"tone": "sad"}
    )
    mlflow.genai.set_prompt_alias(name, "production", version=1)

    assert first.version == 1
    assert mlflow.genai.load_prompt(f"prompts:/{name}@production").format(who="you") == "Hello you"
    assert mlflow.genai.load_prompt(name, version=2).tags["tone"] == "sad"
    found = mlflow.genai.search_prompts(f"name = '{name}'")
    assert [prompt.name for prompt in found] == [name]
    assert not client.search_registered_models(f"name = '{name}'")
    assert not client.search_model_versions(f"name = '{name}'")
    with pytest.raises(MlflowException, match="already taken by a prompt"):
        client.create_registered_model(name)
    mlflow.genai.delete_prompt_alias(name, "production")
    for number in ("1", "2"):
        client.delete_prompt_version(name, number)
    client.delete_prompt(name)
    assert not mlflow.genai.search_prompts(f"name = '{name}'")


def test_a_version_of_a_logged_model_is_told_by_both(
    client: MlflowClient, ours: Server, name: str, tmp_path: Path
) -> None:
    with mlflow.start_run() as run:
        logged = mlflow.initialize_logged_model(name="logged")
        (tmp_path / "weights.txt").write_text("1 2 3")
        client.log_model_artifacts(logged.model_id, str(tmp_path))
    client.create_registered_model(name)

    client.create_model_version(
        name, f"models:/{logged.model_id}", model_id=logged.model_id, await_creation_for=0
    )
    prompt = {
        "name": name,
        "source": "dummy-source",
        "model_id": logged.model_id,
        "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}],
    }
    status, _ = ours.call("POST", "model-versions/create", prompt)

    assert status == 200
    assert client.get_model_version(name, "1").run_id == run.info.run_id
    assert client.get_model_version_download_uri(name, "1") == logged.artifact_location
    versions = client.get_logged_model(logged.model_id).tags["mlflow.modelVersions"]
    assert json.loads(versions) == [{"name": name, "version": 1}]
    loaded = mlflow.artifacts.download_artifacts(f"models:/{name}/1")
    assert (Path(loaded) / "weights.txt").read_text() == "1 2 3"
