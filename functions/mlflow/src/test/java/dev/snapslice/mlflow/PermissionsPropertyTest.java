package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;

/**
 * Whatever is given to whom, searches show what a simple model says, and what they show can be
 * read.
 */
final class PermissionsPropertyTest {
  private static final List<String> USERS = List.of("ann", "bob", "cy");
  private static final List<String> THINGS = List.of("0", "1", "2", "*");
  private static final List<String> TYPES = List.of("experiment", "registered_model", "prompt");
  private static final List<String> GIVEN = List.of("READ", "USE", "EDIT", "MANAGE", "DENY");
  private static final String API = "/api/2.0/mlflow/";
  private static final String NEWER = "/api/3.0/mlflow/";

  /**
   * Something that an administrator does.
   *
   * @param by role, where not to the user alone
   */
  record Step(boolean takes, boolean by, String user, String type, String thing, String given) {}

  @Provide
  Arbitrary<Step> steps() {
    return Combinators.combine(
            Arbitraries.of(true, false, false),
            Arbitraries.of(true, false),
            Arbitraries.of(USERS),
            Arbitraries.of(TYPES),
            Arbitraries.of(THINGS),
            Arbitraries.of(GIVEN))
        .as(Step::new);
  }

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  /** The model: what each user has, and what their role has. */
  private static final class World {
    private final Permission byDefault;
    private final InProcess mlflow;
    private final Map<List<String>, String> own = new HashMap<>();
    private final Map<List<String>, String> roles = new HashMap<>();
    private final Map<String, Long> roleIds = new HashMap<>();
    private final Map<List<String>, Long> permissionIds = new HashMap<>();
    private final List<String> experiments = new ArrayList<>();

    World(Permission byDefault) {
      this.byDefault = byDefault;
      this.mlflow = new InProcess(byDefault);
      for (String user : USERS) {
        admin("POST", API + "users/create", message().put("username", user).put("password", "p"));
        long role =
            admin(
                    "POST",
                    NEWER + "roles/create",
                    message().put("name", "of " + user).put("workspace", "default"))
                .at("/role/id")
                .asLong();
        roleIds.put(user, role);
        admin("POST", NEWER + "roles/assign", message().put("username", user).put("role_id", role));
      }
      for (int i = 0; i < USERS.size(); i++) {
        make(USERS.get(i), "" + i);
      }
    }

    /** One of each type; who makes it has MANAGE. */
    private void make(String owner, String thing) {
      experiments.add(
          as(owner, "POST", API + "experiments/create", message().put("name", "e" + thing))
              .path("experiment_id")
              .asText());
      as(owner, "POST", API + "registered-models/create", message().put("name", "m" + thing));
      ObjectNode prompt = message().put("name", "p" + thing);
      prompt
          .putArray("tags")
          .addObject()
          .put("key", "mlflow.prompt.is_prompt")
          .put("value", "true");
      as(owner, "POST", API + "registered-models/create", prompt);
      as(owner, "POST", API + "runs/create", message().put("experiment_id", experiments.getLast()));
      for (String type : TYPES) {
        own.put(List.of(owner, type, thing), "MANAGE");
      }
    }

    private JsonNode as(String user, String method, String path, ObjectNode message) {
      InProcess.Answer answer = mlflow.ask(user, Role.WRITER, method, path, message);
      assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
      return answer.json();
    }

    private JsonNode admin(String method, String path, ObjectNode message) {
      return mlflow.ask("root", Role.ADMIN, method, path, message).json();
    }

    private String written(Step step) {
      if (step.thing().equals("*")) {
        return "*";
      }
      return switch (step.type()) {
        case "experiment" -> experiments.get(Integer.parseInt(step.thing()));
        case "prompt" -> "p" + step.thing();
        default -> "m" + step.thing();
      };
    }

    void take(Step step) {
      List<String> key = List.of(step.user(), step.type(), step.thing());
      if (step.by()) {
        roleStep(step, key);
        return;
      }
      ObjectNode message =
          message()
              .put("username", step.user())
              .put("resource_type", step.type())
              .put("resource_id", written(step));
      String path = NEWER + "users/permissions/";
      boolean known = own.containsKey(key);
      InProcess.Answer answer =
          mlflow.ask(
              "root",
              Role.ADMIN,
              "POST",
              path + (step.takes() ? "revoke" : "grant"),
              step.takes() ? message : message.put("permission", step.given()));
      assertThat(answer.status() == 200).as("%s %s", step, answer).isEqualTo(known == step.takes());
      if (step.takes()) {
        own.remove(key);
      } else {
        own.putIfAbsent(key, step.given());
      }
    }

    private void roleStep(Step step, List<String> key) {
      String path = NEWER + "roles/permissions/";
      if (step.takes()) {
        if (roles.remove(key) != null) {
          admin(
              "DELETE",
              path + "remove",
              message().put("role_permission_id", permissionIds.remove(key)));
        }
        return;
      }
      ObjectNode message =
          roles.containsKey(key)
              ? message().put("role_permission_id", permissionIds.get(key))
              : message()
                  .put("role_id", roleIds.get(step.user()))
                  .put("resource_type", step.type())
                  .put("resource_pattern", written(step));
      message.put("permission", step.given());
      JsonNode answer =
          roles.containsKey(key)
              ? admin("PATCH", path + "update", message)
              : admin("POST", path + "add", message);
      assertThat(answer.at("/role_permission/permission").asText())
          .as("%s", answer)
          .isEqualTo(step.given());
      permissionIds.put(key, answer.at("/role_permission/id").asLong());
      roles.put(key, step.given());
    }

    /** What a user may do, by the model. */
    Permission permission(String user, String type, String thing) {
      Set<String> given = new HashSet<>();
      for (String each : List.of(thing, "*")) {
        Stream.of(own, roles)
            .map(from -> from.get(List.of(user, type, each)))
            .filter(one -> one != null)
            .forEach(given::add);
      }
      if (given.contains("DENY")) {
        return Permission.DENY;
      }
      Permission best = byDefault;
      for (String one : given) {
        Permission permission = Permission.valueOf(one);
        best = permission.compareTo(best) > 0 ? permission : best;
      }
      return best;
    }

    Set<String> visible(String user, String type, List<String> names) {
      Set<String> visible = new TreeSet<>();
      for (int i = 0; i < USERS.size(); i++) {
        if (permission(user, type, "" + i).includes(Permission.READ)) {
          visible.add(names.get(i));
        }
      }
      return visible;
    }

    private static Set<String> texts(JsonNode list, String pointer) {
      Set<String> texts = new TreeSet<>();
      list.forEach(each -> texts.add(each.at(pointer).asText()));
      return texts;
    }

    void check(String user) {
      ObjectNode of = message().put("filter", "name != 'Default'");
      Set<String> readable = visible(user, "experiment", experiments);
      assertThat(
              texts(
                  as(user, "POST", API + "experiments/search", of).path("experiments"),
                  "/experiment_id"))
          .isEqualTo(readable);
      ObjectNode all = message();
      experiments.forEach(all.putArray("experiment_ids")::add);
      assertThat(
              texts(as(user, "POST", API + "runs/search", all).path("runs"), "/info/experiment_id"))
          .isEqualTo(readable);
      assertThat(
              texts(
                  as(user, "GET", API + "registered-models/search", message())
                      .path("registered_models"),
                  "/name"))
          .isEqualTo(visible(user, "registered_model", List.of("m0", "m1", "m2")));
      ObjectNode prompts = message().put("filter", "tags.`mlflow.prompt.is_prompt` = 'true'");
      assertThat(
              texts(
                  as(user, "GET", API + "registered-models/search", prompts)
                      .path("registered_models"),
                  "/name"))
          .isEqualTo(visible(user, "prompt", List.of("p0", "p1", "p2")));
      for (int i = 0; i < USERS.size(); i++) {
        Permission permission = permission(user, "experiment", "" + i);
        ObjectNode one = message().put("experiment_id", experiments.get(i));
        assertThat(status(user, "GET", "experiments/get", one) == 200)
            .isEqualTo(permission.includes(Permission.READ));
        assertThat(
                status(user, "POST", "experiments/set-experiment-tag", one.put("key", "k")) == 200)
            .isEqualTo(permission.includes(Permission.EDIT));
      }
    }

    private int status(String user, String method, String path, ObjectNode message) {
      return mlflow.ask(user, Role.WRITER, method, API + path, message).status();
    }
  }

  @Property(tries = 25, shrinking = ShrinkingMode.BOUNDED)
  void searches_show_what_may_be_read(
      @ForAll @From("steps") Step first,
      @ForAll @Size(max = 12) List<@From("steps") Step> steps,
      @ForAll("defaults") Permission byDefault) {
    World world = new World(byDefault);

    world.take(first);
    for (Step step : steps) {
      world.take(step);
    }

    USERS.forEach(world::check);
  }

  @Provide
  Arbitrary<Permission> defaults() {
    return Arbitraries.of(Permission.values()).filter(one -> one != Permission.DENY);
  }
}
