package dev.snapslice.mlflow.permissions;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Given;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Roles and their permissions as MLflow tells them. Thread-safe. */
final class RoleMessages {
  static final String WORKSPACE = "default";

  private final Targets targets;

  RoleMessages(Targets targets) {
    this.targets = targets;
  }

  ObjectNode role(NamedRole role) {
    ObjectNode json =
        Json.MAPPER
            .createObjectNode()
            .put("id", role.id())
            .put("name", role.name())
            .put("workspace", WORKSPACE)
            .put("description", role.description().orElse(null));
    json.set("permissions", permissions(role));
    return json;
  }

  ArrayNode roles(List<NamedRole> roles) {
    ArrayNode all = Json.MAPPER.createArrayNode();
    roles.forEach(role -> all.add(role(role)));
    return all;
  }

  /** Those of a role, but for models that are gone. */
  ArrayNode permissions(NamedRole role) {
    Targets.Names names = targets.names(role.given().values());
    ArrayNode all = Json.MAPPER.createArrayNode();
    role.given()
        .forEach((number, given) ->
            names
                .of(given.resource())
                .ifPresent(pattern -> all.add(permission(role, number, pattern))));
    return all;
  }

  private static ObjectNode permission(NamedRole role, int number, String pattern) {
    Given given = role.given().get(number);
    return Json.MAPPER
        .createObjectNode()
        .put("id", role.idOf(number))
        .put("role_id", role.id())
        .put("resource_type", given.resource().kind().word())
        .put("resource_pattern", pattern)
        .put("permission", given.permission().name());
  }

  /** One of them. */
  ObjectNode permission(NamedRoles.Numbered numbered) {
    Targets.Names names = targets.names(List.of(numbered.given()));
    Optional<String> pattern = names.of(numbered.given().resource());
    return permission(numbered.role(), numbered.number(), pattern.orElse(""));
  }

  /** What a user has: what is their own, and by each of their roles. */
  ArrayNode rows(User user, List<NamedRole> roles) {
    ArrayNode all = Json.MAPPER.createArrayNode();
    List<Given> own = Stream.concat(user.given().stream(), targets.ownedBy(user.name())).toList();
    rows(all, user.id(), user.ownRole(), own);
    roles.forEach(role -> rows(all, role.id(), role.name(), List.copyOf(role.given().values())));
    return all;
  }

  private void rows(ArrayNode all, long roleId, String roleName, List<Given> given) {
    Targets.Names names = targets.names(given);
    for (Given each : given) {
      names
          .of(each.resource())
          .ifPresent(pattern ->
              all.addObject()
                  .put("role_id", roleId)
                  .put("role_name", roleName)
                  .put("workspace", WORKSPACE)
                  .put("resource_type", each.resource().kind().word())
                  .put("resource_pattern", pattern)
                  .put("permission", each.permission().name()));
    }
  }
}
