"""Permissions: every answer as MLflow's own server gives it with its auth app."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from tracking.guarded import ADMIN, PASSWORD, Guarded
from tracking.twins import Twins

USERS = "/api/3.0/mlflow/users/"
DATASETS = "/ajax-api/2.0/mlflow/experiments/search-datasets"
ROLES = "/api/3.0/mlflow/roles/"
PERMISSIONS = ["READ", "USE", "EDIT", "MANAGE", "DENY"]
PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


@pytest.fixture
def alice(guarded: Guarded) -> str:
    return guarded.user("alice")


@pytest.fixture
def bob(guarded: Guarded) -> str:
    return guarded.user("bob")


def test_users_are_made_and_told_alike(guarded: Guarded, alice: str, bob: str) -> None:
    admin = guarded.admin

    assert admin.call("GET", "users/get", username=alice)[0] == 200
    assert admin.call("POST", "users/create", username=alice, password=PASSWORD)[0] == 400
    assert admin.call("GET", "users/get", username="nobody")[0] == 404
    assert admin.call("GET", "users/get")[0] == 400
    assert admin.call("PATCH", "users/update-admin", username="nobody", is_admin=True)[0] == 404
    assert admin.call("DELETE", "users/delete", username="nobody")[0] == 404
    assert admin.call("DELETE", "users/delete", username=ADMIN)[0] == 400

    assert guarded.by(alice).call("GET", "users/get", username=alice)[0] == 200
    assert guarded.by(alice).call("GET", "users/get", username=bob)[0] == 403
    assert guarded.by(alice).call("DELETE", "users/delete", username=bob)[0] == 403
    assert (
        guarded.by(alice).call("PATCH", "users/update-admin", username=alice, is_admin=True)[0]
        == 403
    )
    assert guarded.by(alice).call("POST", "users/create", username="x", password=PASSWORD)[0] == 403

    admin.call("DELETE", "users/delete", username=bob)
    assert admin.call("GET", "users/get", username=bob)[0] == 404


def test_an_administrator_may_do_everything_until_that_ends(
    guarded: Guarded, alice: str, bob: str
) -> None:
    experiment = guarded.experiment(alice)
    delete = ("POST", "experiments/delete")

    assert guarded.by(bob).call(*delete, experiment_id=experiment)[0] == 403
    guarded.admin.call("PATCH", "users/update-admin", username=bob, is_admin=True)
    assert guarded.by(bob).call(*delete, experiment_id=experiment)[0] == 200
    assert guarded.by(bob).call("GET", "users/get", username=alice)[0] == 200
    guarded.admin.call("PATCH", "users/update-admin", username=bob, is_admin=False)
    assert guarded.by(bob).call("POST", "experiments/restore", experiment_id=experiment)[0] == 403


def on_an_experiment(by: Twins, experiment: str, run: str) -> None:
    tag = {"key": "k", "value": "v"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "experiments/get", {"experiment_id": experiment}),
        ("POST", "experiments/set-experiment-tag", {"experiment_id": experiment, **tag}),
        ("GET", "runs/get", {"run_id": run}),
        ("GET", "runs/get", {"run_uuid": run}),
        ("POST", "runs/set-tag", {"run_id": run, **tag}),
        ("POST", "runs/log-batch", {"run_id": run, "metrics": [], "params": [], "tags": []}),
        ("POST", "runs/log-parameter", {"run_id": run, "key": "p", "value": "1"}),
        ("GET", "metrics/get-history", {"run_id": run, "metric_key": "m"}),
        ("POST", DATASETS, {"experiment_ids": [experiment]}),
        ("POST", "logged-models/search", {"experiment_ids": [experiment]}),
        ("POST", "runs/delete", {"run_id": run}),
        ("POST", "runs/restore", {"run_id": run}),
        ("POST", "experiments/delete", {"experiment_id": experiment}),
        ("POST", "experiments/restore", {"experiment_id": experiment}),
    ]
    for method, path, message in calls:
        by.call(method, path, **message)


def run_of(guarded: Guarded, owner: str, experiment: str, name: str = "r") -> str:
    known = f"<run-{uuid.uuid4().hex[:12]}>"
    guarded.by(owner).create(
        "runs/create", known, ("run", "info", "run_id"), experiment_id=experiment, run_name=name
    )
    return known


@pytest.mark.parametrize("permission", [*PERMISSIONS, None])
@pytest.mark.parametrize("every", [False, True], ids=["of-one", "of-all"])
@pytest.mark.parametrize("role", [False, True], ids=["own", "by-role"])
def test_a_permission_for_an_experiment_opens_the_same(
    guarded: Guarded, alice: str, bob: str, permission: str | None, every: bool, role: bool
) -> None:
    experiment = guarded.experiment(alice)
    run = run_of(guarded, alice, experiment)
    thing = "*" if every else experiment
    if permission and role:
        group = guarded.role()
        guarded.admin.call("POST", ROLES + "assign", username=bob, role_id=group)
        guarded.admin.call(
            "POST",
            ROLES + "permissions/add",
            role_id=group,
            resource_type="experiment",
            resource_pattern=thing,
            permission=permission,
        )
    elif permission:
        guarded.give(bob, "experiment", thing, permission)

    on_an_experiment(guarded.by(bob), experiment, run)
    on_an_experiment(guarded.by(alice), experiment, run)


@pytest.mark.parametrize("permission", [*PERMISSIONS, None])
@pytest.mark.parametrize("kind", ["registered_model", "prompt"])
@pytest.mark.parametrize("asked", ["registered_model", "prompt"])
def test_a_permission_for_a_model_opens_the_same(
    guarded: Guarded, alice: str, bob: str, permission: str | None, kind: str, asked: str
) -> None:
    name = f"m-{uuid.uuid4().hex[:12]}"
    tags = PROMPT if kind == "prompt" else []
    source = "dummy-source" if kind == "prompt" else "s3://elsewhere/model"
    guarded.by(alice).call("POST", "registered-models/create", name=name, tags=tags)
    guarded.by(alice).call("POST", "model-versions/create", name=name, source=source, tags=tags)
    if permission:
        guarded.give(bob, asked, name, permission)

    for method, path, message in [
        ("GET", "registered-models/get", {}),
        ("POST", "registered-models/get-latest-versions", {}),
        ("POST", "registered-models/set-tag", {"key": "k", "value": "v"}),
        ("DELETE", "registered-models/delete-tag", {"key": "k"}),
        ("GET", "model-versions/get", {"version": "1"}),
        ("POST", "model-versions/set-tag", {"version": "1", "key": "k", "value": "v"}),
        ("DELETE", "model-versions/delete-tag", {"version": "1", "key": "k"}),
        ("POST", "registered-models/alias", {"alias": "a", "version": "1"}),
        ("GET", "registered-models/alias", {"alias": "a"}),
        ("DELETE", "registered-models/alias", {"alias": "a"}),
        ("DELETE", "model-versions/delete", {"version": "1"}),
        ("DELETE", "registered-models/delete", {}),
    ]:
        guarded.by(bob).call(method, path, name=name, **message)


def grant(username: str, kind: str, thing: str, **more: Any) -> dict[str, Any]:
    return {"username": username, "resource_type": kind, "resource_id": thing, **more}


def test_who_manages_lets_others_in(guarded: Guarded, alice: str, bob: str) -> None:
    experiment = guarded.experiment(alice)
    path = USERS + "permissions/"
    for by in (guarded.by(bob), guarded.by(alice), guarded.admin):
        for method, operation, message in [
            ("POST", "grant", grant(bob, "experiment", experiment, permission="EDIT")),
            ("POST", "grant", grant(bob, "experiment", experiment, permission="READ")),
            ("GET", "get", grant(bob, "experiment", experiment)),
            ("POST", "revoke", grant(bob, "experiment", experiment)),
            ("POST", "revoke", grant(bob, "experiment", experiment)),
            ("GET", "get", grant(bob, "experiment", experiment)),
            ("GET", "get", grant(alice, "experiment", experiment)),
            ("POST", "grant", grant(alice, "experiment", experiment, permission="READ")),
            ("POST", "grant", grant(bob, "experiment", "*", permission="READ")),
            ("POST", "grant", grant("nobody", "experiment", experiment, permission="READ")),
            ("POST", "grant", grant(bob, "experiment", experiment, permission="NO_PERMISSIONS")),
            ("POST", "grant", grant(bob, "experiment", experiment, permission="WRITE")),
            ("POST", "grant", grant(bob, "workspace", "*", permission="USE")),
            ("POST", "grant", grant(bob, "nothing", "1", permission="READ")),
            ("POST", "revoke", grant(bob, "nothing", "1")),
        ]:
            by.call(method, path + operation, **message)
    guarded.admin.call("POST", path + "grant", **grant(bob, "experiment", experiment))


def test_who_made_something_loses_it_and_gets_it_back(guarded: Guarded, alice: str) -> None:
    experiment = guarded.experiment(alice)
    tag = {"experiment_id": experiment, "key": "k", "value": "v"}

    guarded.admin.call(
        "POST", USERS + "permissions/revoke", **grant(alice, "experiment", experiment)
    )
    assert guarded.by(alice).call("POST", "experiments/set-experiment-tag", **tag)[0] == 403
    guarded.give(alice, "experiment", experiment, "EDIT")
    assert guarded.by(alice).call("POST", "experiments/set-experiment-tag", **tag)[0] == 200
    assert guarded.by(alice).call("POST", "experiments/delete", experiment_id=experiment)[0] == 403


def test_a_permission_follows_its_model(guarded: Guarded, alice: str, bob: str) -> None:
    name = f"m-{uuid.uuid4().hex[:12]}"
    guarded.by(alice).call("POST", "registered-models/create", name=name)
    guarded.give(bob, "registered_model", name, "MANAGE")
    update = ("PATCH", "registered-models/update")

    guarded.by(alice).call("POST", "registered-models/rename", name=name, new_name=name + "-2")
    assert guarded.by(bob).call(*update, name=name + "-2", description="d")[0] == 200
    assert guarded.by(alice).call(*update, name=name + "-2", description="d")[0] == 200
    guarded.by(bob).call("GET", USERS + "current/permissions")
    guarded.by(bob).call("DELETE", "registered-models/delete", name=name + "-2")
    guarded.admin.call("POST", "registered-models/create", name=name + "-2")
    assert guarded.by(bob).call(*update, name=name + "-2", description="d")[0] == 403
    assert guarded.by(alice).call(*update, name=name + "-2", description="d")[0] == 403


def found(answer: Any, field: str, key: Callable[[Any], str]) -> list[str]:
    return sorted(key(each) for each in answer.get(field, []))


def test_searches_leave_out_what_may_not_be_read(guarded: Guarded, alice: str, bob: str) -> None:
    experiments = [guarded.experiment(alice) for _ in range(4)]
    runs = [run_of(guarded, alice, each, f"r{n}") for n, each in enumerate(experiments)]
    prefix = f"m-{uuid.uuid4().hex[:12]}-"
    for number in range(4):
        name = f"{prefix}{number}"
        guarded.by(alice).call("POST", "registered-models/create", name=name)
        guarded.by(alice).call(
            "POST", "model-versions/create", name=name, source="s3://elsewhere/m"
        )
    for number in (1, 2):
        guarded.give(bob, "experiment", experiments[number], "DENY")
        guarded.give(bob, "registered_model", f"{prefix}{number}", "DENY")
    by = guarded.by(bob)
    ordered = {"order_by": ["attributes.run_name"]}

    _, answer = by.call("POST", "runs/search", experiment_ids=experiments, **ordered)
    assert found(answer, "runs", lambda run: run["info"]["run_id"]) == sorted([runs[0], runs[3]])
    _, answer = by.call("POST", "runs/search", experiment_ids=experiments[1:3])
    assert found(answer, "runs", str) == []
    everything = {"filter": f"name LIKE '{prefix}%'"}
    _, answer = by.call("GET", "registered-models/search", **everything)
    assert found(answer, "registered_models", lambda m: m["name"][-1]) == ["0", "3"]
    _, answer = by.call("GET", "model-versions/search", **everything)
    assert found(answer, "model_versions", lambda v: v["name"][-1]) == ["0", "3"]
    for side, server in enumerate((by.ours, by.theirs)):
        told: list[str] = []
        page: dict[str, Any] = {"max_results": 1}
        while page.get("page_token") != "":
            _, answer = server.call("POST", "experiments/search", page)
            told += [each["experiment_id"] for each in answer.get("experiments", [])]
            page["page_token"] = answer.get("next_page_token", "")
        mine = {guarded.names[each][side] for each in experiments}
        assert mine & set(told) == {guarded.names[experiments[n]][side] for n in (0, 3)}
    for number in range(4):
        by.call(
            "POST",
            "/api/3.0/mlflow/traces/search",
            locations=[
                {
                    "type": "MLFLOW_EXPERIMENT",
                    "mlflow_experiment": {"experiment_id": experiments[number]},
                }
            ],
        )


def test_nobody_takes_what_they_may_not_read_into_a_version(
    guarded: Guarded, alice: str, bob: str
) -> None:
    experiment = guarded.experiment(alice)
    run = run_of(guarded, alice, experiment)
    hers, his = (f"m-{uuid.uuid4().hex[:12]}" for _ in range(2))
    guarded.by(alice).call("POST", "registered-models/create", name=hers)
    guarded.by(alice).call("POST", "model-versions/create", name=hers, source="s3://elsewhere/m")
    guarded.by(bob).call("POST", "registered-models/create", name=his)
    guarded.give(bob, "experiment", experiment, "DENY")
    guarded.give(bob, "registered_model", hers, "DENY")
    create = ("POST", "model-versions/create")

    by = guarded.by(bob)
    assert by.call(*create, name=his, source=f"runs:/{run}/model", run_id=run)[0] == 403
    assert by.call(*create, name=his, source=f"models:/{hers}/1")[0] == 403
    assert by.call(*create, name=his, source="s3://elsewhere/model")[0] == 200


def test_roles_are_kept_alike(guarded: Guarded, alice: str) -> None:
    admin = guarded.admin
    role, other = guarded.role(), guarded.role()
    name = role.strip("<>")
    experiment = guarded.experiment(alice)

    def add(**more: Any) -> int:
        message = {
            "role_id": role,
            "resource_type": "experiment",
            "resource_pattern": "*",
            "permission": "READ",
            **more,
        }
        return admin.call("POST", ROLES + "permissions/add", **message)[0]

    admin.call("GET", ROLES + "get", role_id=role)
    assert admin.call("GET", ROLES + "get", role_id="12345678")[0] == 404
    assert admin.call("POST", ROLES + "create", name=name, workspace="default")[0] == 400
    assert admin.call("POST", ROLES + "create", name="__user_1__", workspace="default")[0] == 400
    assert admin.call("POST", ROLES + "create", name="x")[0] == 400
    assert admin.call("PATCH", ROLES + "update", role_id=role)[0] == 400
    assert admin.call("PATCH", ROLES + "update", role_id=role, description="d")[0] == 200
    assert admin.call("PATCH", ROLES + "update", role_id=role, name=other.strip("<>"))[0] == 400
    assert admin.call("PATCH", ROLES + "update", role_id=role, name=name + "-2")[0] == 200
    assert add() == 200
    assert add() == 400
    assert add(resource_pattern=experiment, permission="DENY") == 200
    assert add(permission="NO_PERMISSIONS") == 400
    assert add(permission="WRITE") == 400
    assert add(resource_type="nothing") == 400
    assert add(role_id="12345678") == 404
    admin.call("GET", ROLES + "permissions/list", role_id=role)
    assert admin.call("POST", ROLES + "assign", username=alice, role_id=role)[0] == 200
    admin.call("GET", ROLES + "users/list", role_id=role)
    assert admin.call("POST", ROLES + "assign", username="nobody", role_id=role)[0] == 404
    assert admin.call("DELETE", ROLES + "permissions/remove", role_permission_id=12345678)[0] == 404
    assert guarded.by(alice).call("POST", ROLES + "create", name="x", workspace="default")[0] == 403
    assert guarded.by(alice).call("POST", ROLES + "assign", username=alice, role_id=other)[0] == 403
    assert admin.call("DELETE", ROLES + "unassign", username=alice, role_id=role)[0] == 200
    admin.call("GET", ROLES + "users/list", role_id=role)
    assert admin.call("DELETE", ROLES + "delete", role_id=role)[0] == 200
    assert admin.call("DELETE", ROLES + "delete", role_id=role)[0] == 404


def test_who_is_denied_all_makes_none(guarded: Guarded, alice: str) -> None:
    by = guarded.by(alice)
    name = f"n-{uuid.uuid4().hex[:12]}"
    for kind in ("experiment", "prompt"):
        guarded.give(alice, kind, "*", "DENY")

    assert by.call("POST", "experiments/create", name=name)[0] == 403
    assert by.call("POST", "registered-models/create", name=name, tags=PROMPT)[0] == 403
    assert by.call("POST", "registered-models/create", name=name)[0] == 200
