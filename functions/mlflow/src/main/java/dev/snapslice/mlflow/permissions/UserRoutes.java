package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;

/**
 * The operations on users. They have no passwords: an administrator issues them API tokens, whose
 * principal is the user's name.
 */
final class UserRoutes {
  private static final Field NAME = text("username").mandatory();
  private static final Field PASSWORD = text("password").mandatory();

  private final Users users;
  private final NamedRoles roles;
  private final RoleMessages messages;
  private final Permissions permissions;

  UserRoutes(Users users, NamedRoles roles, RoleMessages messages, Permissions permissions) {
    this.users = users;
    this.roles = roles;
    this.messages = messages;
    this.permissions = permissions;
  }

  void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/users/";
    String newer = "/api/3.0/mlflow/users/";
    routes
        .add("POST", path + "create", List.of(NAME, PASSWORD), this::create)
        .add("GET", path + "get", List.of(NAME), this::get)
        .add("GET", path + "list", List.of(), this::list)
        .add("GET", path + "current", List.of(), this::current)
        .add("PATCH", path + "update-password", List.of(NAME, PASSWORD), this::password)
        .add(
            "PATCH",
            path + "update-admin",
            List.of(NAME, flag("is_admin").mandatory()),
            this::admin)
        .add("DELETE", path + "delete", List.of(NAME), this::delete)
        .add("GET", newer + "roles/list", List.of(NAME), this::rolesOf)
        .add("GET", newer + "permissions/list", List.of(NAME), this::permissionsOf)
        .add("GET", newer + "current/permissions", List.of(), this::currentPermissions);
  }

  private static Reply reply(User user) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("user", user.json());
    return Reply.json(json);
  }

  /** The password is not kept: it opens nothing. */
  private Reply create(Message request) {
    return reply(users.create(request.text("username")));
  }

  private Reply get(Message request, Caller caller) {
    String name = request.text("username");
    checkSelf(name, caller);
    return reply(users.get(name));
  }

  /** Everybody may know themselves; administrators know all. */
  private void checkSelf(String name, Caller caller) {
    if (!name.equals(caller.principal()) && !permissions.of(caller).admin()) {
      throw MlflowException.denied();
    }
  }

  /** Of others everybody may know the names, and administrators the roles. */
  private Reply list(Message request, Caller caller) {
    Access access = permissions.of(caller);
    List<NamedRole> all = roles.all();
    ObjectNode json = Json.MAPPER.createObjectNode();
    var told = json.putArray("users");
    for (User user : users.all()) {
      boolean known = access.admin() || user.name().equals(caller.principal());
      List<NamedRole> theirs =
          all.stream().filter(role -> known && role.members().containsKey(user.name())).toList();
      told.add(user.json().set("roles", messages.roles(theirs)));
    }
    return Reply.json(json);
  }

  /** As whom a token works, whether MLflow was told of them or not. */
  private User self(Caller caller) {
    User user = users.find(caller.principal()).orElseGet(() -> User.unknown(caller.principal()));
    return new User(user.name(), permissions.of(caller).admin(), user.given());
  }

  private Reply current(Message request, Caller caller) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("user", self(caller).json());
    return Reply.json(json.put("is_basic_auth", false));
  }

  private Reply password(Message request) {
    throw new MlflowException(
        Code.NOT_IMPLEMENTED,
        "there are no passwords: an administrator issues '%s' an API token (POST /v1/tokens of Snapslice's API), which is sent as MLFLOW_TRACKING_TOKEN or as the password"
            .formatted(request.text("username")));
  }

  private Reply admin(Message request) {
    users.admin(request.text("username"), request.flag("is_admin", false));
    permissions.forget();
    return Reply.done();
  }

  private Reply delete(Message request, Caller caller) {
    String name = request.text("username");
    if (name.equals(caller.principal())) {
      throw new MlflowException(
          Code.BAD_REQUEST,
          "Users cannot delete their own account. Ask another admin to delete this user instead.");
    }
    roles.delete(users.get(name));
    permissions.forget();
    return Reply.done();
  }

  private Reply rolesOf(Message request, Caller caller) {
    String name = request.text("username");
    checkSelf(name, caller);
    known(name, caller);
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("roles", messages.roles(roles.of(name)));
    return Reply.json(json);
  }

  private User known(String name, Caller caller) {
    return name.equals(caller.principal()) ? self(caller) : users.get(name);
  }

  private Reply permissionsOf(Message request, Caller caller) {
    String name = request.text("username");
    checkSelf(name, caller);
    return permissions(known(name, caller));
  }

  private Reply currentPermissions(Message request, Caller caller) {
    return permissions(self(caller));
  }

  private Reply permissions(User user) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("is_admin", user.admin());
    json.set("permissions", messages.rows(user, roles.of(user.name())));
    return Reply.json(json);
  }
}
