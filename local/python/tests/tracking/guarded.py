"""Servers that ask who calls, ours and MLflow's own with its auth app, and their users."""

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from snapslice_local.rest import Api, LocalStack
from tracking.twins import Server, Twins

PASSWORD = "a long password of tests"
ADMIN = "admin"

# Numbers that are each server's own.
NUMBERS = {"id", "user_id", "role_id", "role_name"}


class Asked(Server):
    """A server that somebody asks who has a name."""

    def call(self, method: str, path: str, message: dict[str, Any]) -> tuple[int, Any]:
        status, answer = self.raw(method, path, message)
        return status, without_numbers(answer)

    def raw(self, method: str, path: str, message: dict[str, Any]) -> tuple[int, Any]:
        """The status and the JSON, with numbers; MLflow's server refuses with a text."""
        try:
            return super().call(method, path, message)
        except requests.exceptions.JSONDecodeError:
            return 403, {
                "error_code": "PERMISSION_DENIED",
                "message": "Permission denied",
                "sqlstate": "KAM00",
                "error_class": "PERMISSION_DENIED",
            }


def without_numbers(answer: Any) -> Any:
    if isinstance(answer, list):
        return [without_numbers(part) for part in answer]
    if not isinstance(answer, dict):
        return answer
    return {key: without_numbers(part) for key, part in answer.items() if key not in NUMBERS}


@dataclass
class Guarded:
    """Both servers; ``theirs`` is the URL of MLflow's own."""

    stack: LocalStack
    theirs: str
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    def token(self, user: str, role: str = "writer") -> str:
        """An API token of ours."""
        if (user, role) not in self.tokens:
            issued = self.stack.api().post("/v1/tokens", {"principal": user, "role": role})
            self.tokens[user, role] = issued["token"]
        return self.tokens[user, role]

    def api(self, user: str) -> Api:
        """Snapslice's own API, as somebody asks it."""
        return replace(self.stack.api(), url=self.stack.token_api, token=self.token(user))

    def by(self, user: str) -> Twins:
        """Both servers as somebody asks them; all share the names of ids."""
        session = requests.Session()
        session.auth = (user, PASSWORD)
        role = "admin" if user == ADMIN else "writer"
        return Twins(
            Asked(self.stack.mlflow, self.token(user, role)),
            Asked(self.theirs, None, session),
            self.names,
        )

    @property
    def admin(self) -> Twins:
        return self.by(ADMIN)

    def user(self, name: str = "u") -> str:
        """A new user of both servers."""
        user = f"{name}-{uuid.uuid4().hex[:12]}"
        self.admin.call("POST", "users/create", username=user, password=PASSWORD)
        return user

    def role(self) -> str:
        """A new role of both, whose ids the answered name stands for."""
        name = f"r-{uuid.uuid4().hex[:12]}"
        admin = self.admin
        ids = []
        for server in (admin.ours, admin.theirs):
            assert isinstance(server, Asked)
            message = {"name": name, "workspace": "default"}
            status, answer = server.raw("POST", "/api/3.0/mlflow/roles/create", message)
            assert status == 200, answer
            ids.append(str(answer["role"]["id"]))
        known = f"<{name}>"
        self.names[known] = (ids[0], ids[1])
        return known

    def experiment(self, owner: str) -> str:
        """A new experiment of both."""
        name = f"e-{uuid.uuid4().hex[:12]}"
        known = f"<{name}>"
        self.by(owner).create("experiments/create", known, ("experiment_id",), name=name)
        return known

    def give(self, user: str, kind: str, thing: str, permission: str) -> None:
        """A permission of both for one user."""
        self.admin.call(
            "POST",
            "/api/3.0/mlflow/users/permissions/grant",
            username=user,
            resource_type=kind,
            resource_id=thing,
            permission=permission,
        )
