package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.protocol.Field.text;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.permissions.Targets.Target;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;

/** The operations that give one user a permission for one thing, take it, or ask for it. */
final class GrantRoutes {
  private static final Field NAME = text("username").mandatory();
  private static final Field TYPE = text("resource_type").mandatory();
  private static final Field ID = text("resource_id").mandatory();

  private final Users users;
  private final Targets targets;
  private final Permissions permissions;

  GrantRoutes(Users users, Targets targets, Permissions permissions) {
    this.users = users;
    this.targets = targets;
    this.permissions = permissions;
  }

  void addTo(Routes routes) {
    String path = "/api/3.0/mlflow/users/permissions/";
    routes
        .add(
            "POST",
            path + "grant",
            List.of(NAME, TYPE, ID, text("permission").mandatory()),
            this::give)
        .add("POST", path + "revoke", List.of(NAME, TYPE, ID), this::take)
        .add("GET", path + "get", List.of(NAME, TYPE, ID), this::get);
  }

  /** What a message names, if the caller may let others in. */
  private Target managed(Message request, Caller caller) {
    String type = request.text("resource_type");
    Targets.checkForUsers(type);
    Target target = targets.find(type, request.text("resource_id"));
    Access access = permissions.of(caller);
    boolean may =
        !target.resource().isAll()
            && access.to(target.resource(), target.owner()).includes(Permission.MANAGE);
    if (!access.admin() && !may) {
      throw MlflowException.denied();
    }
    return target;
  }

  private Reply give(Message request, Caller caller) {
    Target target = managed(request, caller);
    User user = users.get(request.text("username"));
    Permission permission =
        Targets.permission(request.text("permission"), request.text("resource_type"));
    if (target.owner().filter(user.name()::equals).isPresent()
        || !users.give(user, new Given(target.resource(), permission))) {
      throw new MlflowException(Code.RESOURCE_ALREADY_EXISTS, about(request) + "already exists.");
    }
    permissions.forget();
    return Reply.done();
  }

  private static String about(Message request) {
    return "Permission for user=%s on resource_type=%s, resource_id=%s "
        .formatted(
            request.text("username"), request.text("resource_type"), request.text("resource_id"));
  }

  /** Who made something has a permission that nobody gave them, and can lose it. */
  private Reply take(Message request, Caller caller) {
    Target target = managed(request, caller);
    User user = users.get(request.text("username"));
    if (!target.disown().test(user.name()) && !users.take(user, target.resource())) {
      throw MlflowException.missing(about(request) + "not found.");
    }
    permissions.forget();
    return Reply.done();
  }

  private Reply get(Message request, Caller caller) {
    String name = request.text("username");
    Targets.checkForUsers(request.text("resource_type"));
    boolean self = name.equals(caller.principal());
    if (!self && !permissions.of(caller).admin()) {
      throw MlflowException.denied();
    }
    Access access = self ? permissions.of(caller) : permissions.of(users.get(name).name());
    Target target = targets.find(request.text("resource_type"), request.text("resource_id"));
    Permission permission = access.to(target.resource(), target.owner());
    return Reply.json(
        Json.MAPPER
            .createObjectNode()
            .put("allowed", permission.includes(Permission.USE))
            .put("permission", permission.name()));
  }
}
