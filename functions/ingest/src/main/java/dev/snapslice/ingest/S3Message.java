package dev.snapslice.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a message of the events queue, in each of the forms that reach it: S3's event notification
 * (from MinIO, too, which wraps it in two more fields), the test event that S3 sends when
 * notifications are set up, and EventBridge's event.
 */
final class S3Message {
  private S3Message() {}

  /**
   * The events that a message tells of.
   *
   * @throws MalformedMessageException if one of them cannot be read: then none of them counts
   */
  static List<Parsed> parse(String body) {
    JsonNode message = json(body);
    if (message.path("Records").isArray()) {
      List<Parsed> parsed = new ArrayList<>();
      for (JsonNode record : message.path("Records")) {
        parsed.add(Notification.parse(new Fields("Records[" + parsed.size() + "]", record)));
      }
      return parsed;
    }
    Fields fields = new Fields("", message);
    if (fields.text("Event").filter("s3:TestEvent"::equals).isPresent()) {
      return List.of(new Parsed.Ignored("s3:TestEvent"));
    }
    if (fields.text("source").filter("aws.s3"::equals).isPresent()) {
      return List.of(EventBridgeEvent.parse(fields));
    }
    throw new MalformedMessageException(
        "the message has neither Records, nor the source aws.s3, nor is it s3:TestEvent");
  }

  private static JsonNode json(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      // Without the cause: Jackson quotes what it could not read.
      throw new MalformedMessageException(
          "the message is no JSON: line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    }
  }
}
