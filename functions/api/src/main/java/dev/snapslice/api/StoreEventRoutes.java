package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes events from the webhook of another store, and answers when they are on the queue. What a
 * message holds is then judged by ingest, as if S3 had sent it; here it is only made sure that
 * nobody tells of a bucket whose secret they do not have.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html">Event
 *     message structure</a>
 */
final class StoreEventRoutes {
  /** SQS takes 256 KiB in every region; the wrapping needs some. */
  private static final int LARGEST_MESSAGE = 250 * 1024;

  private static final int LARGEST_BODY = 5 * 1024 * 1024;
  private static final String START = "{\"Records\":[";
  private static final String END = "]}";

  private final Domain domain;

  StoreEventRoutes(Domain domain) {
    this.domain = domain;
  }

  Map<String, Route> routes() {
    return Map.of("POST /v1/buckets/{bucket}/events", this::receive);
  }

  private Answer receive(Request request) {
    Bucket bucket = authenticated(request);
    if (request.body().length > LARGEST_BODY) {
      throw Problem.tooLarge("a webhook may send 5 MiB at once");
    }
    List<String> records = records(request.body(), bucket.name());
    if (bucket.status() == Bucket.Status.DISABLED) {
      throw Problem.conflict("the bucket is disabled: nobody listens to it");
    }
    messages(records).forEach(domain.events().get()::send);
    return Answer.json(200, Json.MAPPER.createObjectNode().put("records", records.size()));
  }

  /** An unknown bucket and a wrong secret look the same. */
  private Bucket authenticated(Request request) {
    Optional<String> shown = request.header("authorization");
    return domain
        .buckets()
        .get(request.path("bucket"))
        .filter(bucket ->
            bucket
                .webhookSecretHash()
                .filter(hash -> shown.isPresent() && WebhookSecret.shows(shown.get(), hash))
                .isPresent())
        .orElseThrow(Problem::unauthorized);
  }

  private static List<String> records(byte[] body, String bucket) {
    List<String> records = new ArrayList<>();
    for (JsonNode record : parse(body).path("Records")) {
      if (!record.path("eventName").isTextual()
          || !bucket.equals(record.path("s3").path("bucket").path("name").asText())) {
        throw Problem.invalid("Records[%d] is no event of this bucket".formatted(records.size()));
      }
      records.add(Json.write(record));
    }
    if (records.isEmpty()) {
      throw Problem.invalid("there are no Records: that is no S3 event");
    }
    return records;
  }

  private static JsonNode parse(byte[] body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (IOException e) {
      throw Problem.invalid("the body is no JSON");
    }
  }

  /** As few messages as hold the records. */
  private static List<String> messages(List<String> records) {
    List<String> messages = new ArrayList<>();
    StringBuilder message = new StringBuilder(START);
    int size = 0;
    for (String record : records) {
      int length = record.getBytes(UTF_8).length;
      if (length > LARGEST_MESSAGE) {
        throw Problem.tooLarge("one record has " + length + " bytes: no event is that large");
      }
      if (size > 0 && size + length > LARGEST_MESSAGE) {
        messages.add(message.append(END).toString());
        message = new StringBuilder(START);
        size = 0;
      }
      message.append(size > 0 ? "," : "").append(record);
      size += length + 1;
    }
    messages.add(message.append(END).toString());
    return messages;
  }
}
