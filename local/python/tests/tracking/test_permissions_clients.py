"""MLflow's own clients, unmodified, where what one may do depends on who one is."""

import uuid
from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.server.auth.client import AuthServiceClient
from snapslice_local.rest import ApiError
from tracking.guarded import ADMIN, PASSWORD, Guarded


@pytest.fixture
def somebody(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MlflowClient]:
    """Lets all clients ask as somebody from now on, by a token that is the password."""

    def be(user: str, role: str = "writer") -> MlflowClient:
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", user)
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", guarded.token(user, role))
        mlflow.set_tracking_uri(guarded.stack.mlflow)
        mlflow.set_registry_uri(guarded.stack.mlflow)
        return MlflowClient()

    return be


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(MlflowException, match="Permission denied") as denied:
        work()
    assert denied.value.error_code == "PERMISSION_DENIED"


def test_the_client_for_users_and_roles(
    guarded: Guarded, somebody: Callable[..., MlflowClient]
) -> None:
    name = f"u-{uuid.uuid4().hex[:12]}"
    somebody(ADMIN, "admin")
    auth = AuthServiceClient(guarded.stack.mlflow)

    made = auth.create_user(name, PASSWORD)
    assert auth.get_user(name).id == made.id
    assert (made.username, made.is_admin) == (name, False)
    with pytest.raises(MlflowException, match=r"an administrator issues .* an API token"):
        auth.update_user_password(name, PASSWORD + "2")
    auth.update_user_admin(name, True)
    assert auth.get_user(name).is_admin
    auth.update_user_admin(name, False)

    role = auth.create_role("default", f"r-{name}", "those who look at films")
    given = auth.add_role_permission(role.id, "experiment", "*", "EDIT")
    assert auth.update_role_permission(given.id, "MANAGE").permission == "MANAGE"
    assert auth.assign_role(name, role.id).user_id == made.id
    assert [each.id for each in auth.list_user_roles(name)] == [role.id]
    assert [each.user_id for each in auth.list_role_users(role.id)] == [made.id]
    assert role.id in [each.id for each in auth.list_all_roles()]
    assert auth.get_user_permission(name, "experiment", "0").permission == "MANAGE"
    auth.grant_user_permission(name, "experiment", "0", "DENY")
    assert not auth.get_user_permission(name, "experiment", "0").allowed
    auth.revoke_user_permission(name, "experiment", "0")
    auth.remove_role_permission(given.id)
    assert auth.list_role_permissions(role.id) == []
    auth.unassign_role(name, role.id)
    assert auth.get_user_permission(name, "experiment", "0").permission == "READ"
    auth.delete_role(role.id)
    auth.delete_user(name)
    with pytest.raises(MlflowException, match="not found"):
        auth.get_user(name)


def test_artifacts_have_the_permissions_of_their_experiment(
    guarded: Guarded, somebody: Callable[..., MlflowClient], tmp_path: Path
) -> None:
    alice, bob = guarded.user("alice"), guarded.user("bob")
    file = tmp_path / "a.txt"
    file.write_text("hers", encoding="utf-8")
    client = somebody(alice)
    experiment = client.create_experiment(f"e-{uuid.uuid4().hex[:12]}")
    run = client.create_run(experiment).info.run_id
    client.log_artifact(run, str(file))
    path = f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.txt"

    def status(user: str, method: str) -> int:
        return requests.request(
            method,
            guarded.stack.proxy + path,
            headers={"authorization": f"Bearer {guarded.token(user)}"},
            data=b"his" if method == "PUT" else None,
            timeout=60,
        ).status_code

    client = somebody(bob)
    assert Path(client.download_artifacts(run, "a.txt", str(tmp_path))).read_text() == "hers"
    assert [status(bob, method) for method in ("GET", "PUT", "DELETE")] == [200, 403, 403]
    with pytest.raises(requests.HTTPError, match="403"):
        client.log_artifact(run, str(file))
    somebody(ADMIN, "admin")
    other = guarded.user("cy")
    AuthServiceClient(guarded.stack.mlflow).grant_user_permission(
        other, "experiment", experiment, "DENY"
    )
    client = somebody(other)
    assert [status(other, method) for method in ("GET", "PUT", "DELETE")] == [403, 403, 403]
    refused(lambda: client.list_artifacts(run))
    assert [status(alice, method) for method in ("PUT", "DELETE")] == [200, 200]


def test_inputs_of_a_run_are_for_those_who_may_read_it(
    guarded: Guarded, somebody: Callable[..., MlflowClient]
) -> None:
    alice, bob = guarded.user("alice"), guarded.user("bob")
    client = somebody(alice)
    experiment = client.create_experiment(f"e-{uuid.uuid4().hex[:12]}")
    run = client.create_run(experiment).info.run_id
    somebody(ADMIN, "admin")
    AuthServiceClient(guarded.stack.mlflow).grant_user_permission(
        bob, "experiment", experiment, "DENY"
    )

    assert guarded.api(alice).get(f"/v1/runs/{run}/inputs")["inputs"] == []
    with pytest.raises(ApiError) as missing:
        guarded.api(bob).get(f"/v1/runs/{run}/inputs")
    assert missing.value.status == 404


def test_a_role_of_a_token_is_a_limit(
    guarded: Guarded, somebody: Callable[..., MlflowClient]
) -> None:
    alice = guarded.user("alice")
    experiment = somebody(alice).create_experiment(f"e-{uuid.uuid4().hex[:12]}")
    client = somebody(alice, "reader")

    assert client.get_experiment(experiment).experiment_id == experiment
    with pytest.raises(MlflowException, match="that takes the role writer"):
        client.set_experiment_tag(experiment, "k", "v")


def test_of_whom_mlflow_was_not_told_has_the_default(
    guarded: Guarded, somebody: Callable[..., MlflowClient]
) -> None:
    stranger = f"job-{uuid.uuid4().hex[:12]}"
    client = somebody(stranger)
    experiment = client.create_experiment(f"e-{uuid.uuid4().hex[:12]}")

    client.set_experiment_tag(experiment, "k", "v")
    refused(lambda: client.set_experiment_tag("0", "k", "v"))
    _, answer = guarded.by(stranger).ours.call("GET", "users/current", {})
    assert answer["user"] == {"username": stranger, "is_admin": False}
    _, answer = guarded.by(stranger).ours.call(
        "GET", "/api/3.0/mlflow/users/current/permissions", {}
    )
    assert [row["resource_pattern"] for row in answer["permissions"]] == [experiment]
