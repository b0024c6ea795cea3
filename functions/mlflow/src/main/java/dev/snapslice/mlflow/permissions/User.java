package dev.snapslice.mlflow.permissions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permissions;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Somebody whom API tokens are issued for.
 *
 * @param name the tokens' principal
 * @param given to them alone
 */
record User(String name, boolean admin, List<Given> given) {

  static User read(Map<String, AttributeValue> item) {
    return new User(
        item.get("sk").s(),
        item.get(Permissions.ADMIN).bool(),
        Given.read(item.get(Permissions.GIVEN).m()));
  }

  /** Somebody who was given nothing. */
  static User unknown(String name) {
    return new User(name, false, List.of());
  }

  /** Follows from the name. */
  long id() {
    return Numbers.of(name);
  }

  /** MLflow's name of the role that holds what was given to one user alone. */
  String ownRole() {
    return "__user_%d__".formatted(id());
  }

  ObjectNode json() {
    return Json.MAPPER
        .createObjectNode()
        .put("id", id())
        .put("username", name)
        .put("is_admin", admin);
  }
}
