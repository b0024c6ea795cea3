package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operations on roles, which are groups of users; all are for administrators. */
final class RoleRoutes {
  private static final Field ID = integer("role_id").mandatory();
  private static final Field PERMISSION_ID = integer("role_permission_id").mandatory();
  private static final Field USER = text("username").mandatory();
  private static final Field PERMISSION = text("permission").mandatory();

  private final Users users;
  private final NamedRoles roles;
  private final Targets targets;
  private final RoleMessages messages;
  private final Permissions permissions;

  RoleRoutes(
      Users users,
      NamedRoles roles,
      Targets targets,
      RoleMessages messages,
      Permissions permissions) {
    this.users = users;
    this.roles = roles;
    this.targets = targets;
    this.messages = messages;
    this.permissions = permissions;
  }

  void addTo(Routes routes) {
    String path = "/api/3.0/mlflow/roles/";
    Field name = text("name");
    Field description = text("description");
    Field workspace = text("workspace");
    routes
        .add(
            "POST",
            path + "create",
            List.of(name.mandatory(), workspace.mandatory(), description),
            this::create)
        .add("GET", path + "get", List.of(ID), request -> reply(roles.get(id(request))))
        .add("GET", path + "list", List.of(workspace), this::list)
        .add("PATCH", path + "update", List.of(ID, name, description), this::update)
        .add("DELETE", path + "delete", List.of(ID), this::delete)
        .add(
            "POST",
            path + "permissions/add",
            List.of(
                ID,
                text("resource_type").mandatory(),
                text("resource_pattern").mandatory(),
                PERMISSION),
            this::give)
        .add("DELETE", path + "permissions/remove", List.of(PERMISSION_ID), this::take)
        .add("GET", path + "permissions/list", List.of(ID), this::given)
        .add("PATCH", path + "permissions/update", List.of(PERMISSION_ID, PERMISSION), this::change)
        .add("POST", path + "assign", List.of(USER, ID), this::assign)
        .add("DELETE", path + "unassign", List.of(USER, ID), this::unassign)
        .add("GET", path + "users/list", List.of(ID), this::members);
  }

  private static long id(Message request) {
    return request.integer("role_id", 0);
  }

  private Reply reply(NamedRole role) {
    return reply("role", messages.role(role));
  }

  private static Reply reply(String name, JsonNode value) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set(name, value);
    return Reply.json(json);
  }

  private Reply create(Message request) {
    checkName(request.text("name"));
    if (!request.text("workspace").equals(RoleMessages.WORKSPACE)) {
      throw MlflowException.invalid(
          "there are no workspaces here: roles are in the workspace 'default'");
    }
    return reply(
        roles.create(
            request.text("name"),
            request.has("description")
                ? Optional.of(request.text("description"))
                : Optional.empty()));
  }

  private static void checkName(String name) {
    if (name.isBlank()) {
      throw MlflowException.invalid("Role name cannot be empty.");
    }
    if (name.startsWith("__user_")) {
      throw MlflowException.invalid(
          "Role name '%s' uses the reserved '__user_' prefix, which is held for the per-user permission representation. Choose a different name."
              .formatted(name));
    }
  }

  private Reply list(Message request) {
    boolean all = !request.has("workspace") || request.text("workspace").equals("default");
    return reply("roles", messages.roles(all ? roles.all() : List.of()));
  }

  private Reply update(Message request) {
    if (!request.has("name") && !request.has("description")) {
      throw MlflowException.invalid(
          "At least one of 'name' or 'description' must be provided to update a role.");
    }
    if (!request.has("name")) {
      return reply(roles.describe(id(request), request.text("description")));
    }
    checkName(request.text("name"));
    Optional<String> description =
        request.has("description") ? Optional.of(request.text("description")) : Optional.empty();
    return reply(roles.rename(id(request), request.text("name"), description));
  }

  private Reply delete(Message request) {
    roles.delete(id(request));
    return changed();
  }

  private Reply changed() {
    permissions.forget();
    return Reply.done();
  }

  private Reply give(Message request) {
    String type = request.text("resource_type");
    String pattern = request.text("resource_pattern");
    Permission permission = Targets.permission(request.text("permission"), type);
    Given given = new Given(targets.find(type, pattern).resource(), permission);
    NamedRole role = roles.give(id(request), given, pattern);
    permissions.forget();
    int number = NamedRoles.numberOf(role, given).orElseThrow();
    return reply("role_permission", messages.permission(new NamedRoles.Numbered(role, number)));
  }

  private NamedRoles.Numbered permission(Message request) {
    return roles.permission(request.integer("role_permission_id", 0));
  }

  private Reply take(Message request) {
    roles.take(permission(request));
    return changed();
  }

  private Reply given(Message request) {
    return reply("role_permissions", messages.permissions(roles.get(id(request))));
  }

  private Reply change(Message request) {
    NamedRoles.Numbered known = permission(request);
    Resource resource = known.given().resource();
    Permission permission = Targets.permission(request.text("permission"), resource.kind().word());
    NamedRoles.Numbered changed = roles.change(known, new Given(resource, permission));
    permissions.forget();
    return reply("role_permission", messages.permission(changed));
  }

  private Reply assign(Message request) {
    User user = users.get(request.text("username"));
    NamedRole role = roles.assign(user, id(request));
    permissions.forget();
    return reply("assignment", assignment(role, user.name()));
  }

  private static ObjectNode assignment(NamedRole role, String user) {
    return Json.MAPPER
        .createObjectNode()
        .put("id", role.members().get(user))
        .put("user_id", User.unknown(user).id())
        .put("role_id", role.id());
  }

  private Reply unassign(Message request) {
    roles.unassign(users.get(request.text("username")), id(request));
    return changed();
  }

  private Reply members(Message request) {
    NamedRole role = roles.get(id(request));
    ArrayNode all = Json.MAPPER.createArrayNode();
    for (Map.Entry<String, Long> member : role.members().entrySet()) {
      all.add(assignment(role, member.getKey()));
    }
    return reply("assignments", all);
  }
}
