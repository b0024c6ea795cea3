package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models, prompts, and what is permitted for which of them. */
class RegistryRoutesTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final String GRANTS = "/api/3.0/mlflow/users/permissions/";
  private static final String IS_PROMPT = "mlflow.prompt.is_prompt";

  private final InProcess mlflow = new InProcess(Permission.NO_PERMISSIONS);

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  private InProcess.Answer ask(String who, String method, String path, ObjectNode message) {
    return mlflow.ask(who, who.equals("root") ? Role.ADMIN : Role.WRITER, method, path, message);
  }

  @BeforeEach
  void register() {
    ask("ann", "POST", API + "registered-models/create", message().put("name", "model"));
    ObjectNode prompt = message().put("name", "prompt");
    prompt.putArray("tags").addObject().put("key", IS_PROMPT).put("value", "true");
    ask("ann", "POST", API + "registered-models/create", prompt);
  }

  @Test
  void a_model_stays_one_whoever_tags_it_and_a_prompt_too() {
    String path = API + "registered-models/";
    ObjectNode tag = message().put("name", "model").put("key", IS_PROMPT);

    assertThat(ask("ann", "POST", path + "set-tag", tag.put("value", "true")).status())
        .isEqualTo(400);
    assertThat(ask("ann", "POST", path + "set-tag", tag.put("value", "false")).status())
        .isEqualTo(200);
    assertThat(ask("ann", "DELETE", path + "delete-tag", tag.put("name", "prompt")).status())
        .isEqualTo(400);
    assertThat(ask("ann", "DELETE", path + "delete-tag", tag.put("name", "model")).status())
        .isEqualTo(200);
  }

  @Test
  void who_may_govern_models_governs_no_prompt_by_calling_it_one() {
    for (String user : new String[] {"bob", "eve"}) {
      ask(
          "root",
          "POST",
          API + "users/create",
          message().put("username", user).put("password", "long enough"));
    }
    ObjectNode all = message().put("username", "bob").put("resource_type", "registered_model");
    ask("root", "POST", GRANTS + "grant", all.put("resource_id", "*").put("permission", "MANAGE"));
    mlflow.rest();
    ObjectNode eve = message().put("username", "eve").put("resource_type", "registered_model");
    eve.put("permission", "MANAGE");
    ObjectNode owner = message().put("username", "ann").put("resource_type", "registered_model");

    assertThat(ask("bob", "POST", GRANTS + "grant", eve.put("resource_id", "model")).status())
        .isEqualTo(200);
    ask("bob", "POST", GRANTS + "grant", eve.put("resource_id", "prompt"));
    assertThat(ask("bob", "POST", GRANTS + "revoke", owner.put("resource_id", "prompt")).status())
        .isEqualTo(404);
    mlflow.rest();
    ObjectNode prompt = message().put("name", "prompt");
    assertThat(ask("ann", "GET", API + "registered-models/get", prompt).status()).isEqualTo(200);
    assertThat(ask("eve", "GET", API + "registered-models/get", prompt).status()).isEqualTo(403);
  }

  @Test
  void a_logged_model_that_cannot_tell_its_versions_gets_none() {
    ObjectNode own = message().put("name", "own");
    own.put("experiment_id", ask("ann", "POST", API + "experiments/create", own).id());
    String model =
        ask("ann", "POST", API + "logged-models", own).json().at("/model/info/model_id").asText();
    ObjectNode tags = message();
    tags.putArray("tags").addObject().put("key", "mlflow.modelVersions").put("value", "no JSON");
    ask("ann", "PATCH", API + "logged-models/" + model + "/tags", tags);
    ObjectNode version = message().put("name", "model").put("source", "models:/" + model);

    InProcess.Answer refused =
        ask("ann", "POST", API + "model-versions/create", version.put("model_id", model));

    assertThat(refused.status()).as("%s", refused).isEqualTo(400);
    assertThat(ask("ann", "GET", API + "model-versions/search", message()).json().isEmpty())
        .isTrue();
  }
}
