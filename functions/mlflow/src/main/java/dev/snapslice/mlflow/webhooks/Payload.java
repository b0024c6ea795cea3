package dev.snapslice.mlflow.webhooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The body that is posted. */
final class Payload {
  /** As Python's {@code isoformat} of a moment in UTC. */
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'").withZone(ZoneOffset.UTC);

  private Payload() {}

  static String of(RegistryEvent event, Instant at, ObjectNode data) {
    ObjectNode json =
        Json.MAPPER
            .createObjectNode()
            .put("entity", event.entity())
            .put("action", event.action())
            .put("timestamp", MOMENT.format(at));
    json.set("data", data);
    return Json.write(json);
  }
}
