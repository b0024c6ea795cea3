package dev.snapslice.mlflow.datasets;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.runtime.GatewayEvent;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;

/** The operations on the records of a dataset; records are JSON inside of the JSON. */
final class RecordRoutes {
  private static final int DEFAULT_PAGE = 1_000;

  private final Records records;

  RecordRoutes(Records records) {
    this.records = records;
  }

  void addTo(Routes routes, String path) {
    routes
        .add("POST", path, this::merge)
        .add("GET", path, this::list)
        .add("DELETE", path, this::delete);
  }

  private Reply merge(Call call) {
    String text = call.message(List.of(text("records").mandatory())).text("records");
    JsonNode sent =
        PythonJson.loads(text)
            .filter(JsonNode::isArray)
            .orElseThrow(() -> MlflowException.invalid("'records' must be a JSON array"));
    List<JsonNode> all = new ArrayList<>();
    sent.forEach(all::add);
    Records.Merged merged = records.merge(call.parameter("id"), all);
    return Reply.json(
        Json.MAPPER
            .createObjectNode()
            .put("inserted_count", merged.inserted())
            .put("updated_count", merged.updated()));
  }

  /** A page ends early where it would be more than Lambda hands over. */
  private Reply list(Call call) {
    Message request = call.message(List.of(integer("max_results"), text("page_token")));
    long asked = request.integer("max_results", 0);
    long limit = asked < 1 ? DEFAULT_PAGE : asked;
    List<String> page = new ArrayList<>();
    String last = "";
    long size = 0;
    ObjectNode json = Json.MAPPER.createObjectNode();
    Iterator<ObjectNode> rest =
        records.after(call.parameter("id"), after(request.text("page_token"))).iterator();
    while (rest.hasNext()) {
      ObjectNode record = rest.next();
      String text = PythonJson.dumps(record);
      size += GatewayEvent.size(Json.write(text)) + 2;
      if (page.size() == limit || (size > GatewayEvent.LARGEST_ANSWER && !page.isEmpty())) {
        json.put("next_page_token", Base64.getEncoder().encodeToString(last.getBytes(UTF_8)));
        break;
      }
      page.add(text);
      last = record.get("dataset_record_id").asText();
    }
    return Reply.json(json.put("records", "[" + String.join(", ", page) + "]"));
  }

  /** The id of the last record of the page before; all ids are more than a space. */
  private static String after(String token) {
    try {
      return token.isEmpty() ? " " : new String(Base64.getDecoder().decode(token), UTF_8);
    } catch (IllegalArgumentException e) {
      throw MlflowException.invalid("Invalid page token, could not base64-decode");
    }
  }

  private Reply delete(Call call) {
    List<String> ids =
        call.message(List.of(texts("dataset_record_ids"))).texts("dataset_record_ids");
    return Reply.json(
        Json.MAPPER
            .createObjectNode()
            .put("deleted_count", records.delete(call.parameter("id"), ids)));
  }
}
