package dev.snapslice.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The ingest function on tables of its own, whose DynamoDB fails as a test wants. */
final class Ingest {
  static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  final FaultyDynamo dynamo = new FaultyDynamo(LocalDynamo.client());
  final TimeIndex index;
  final BucketCatalog catalog;
  final Amendments amendments;
  final List<MaintenanceTask> tasks = new ArrayList<>();
  Consumer<MaintenanceTask> taskQueue = tasks::add;
  Optional<Instant> shownThrough = Optional.empty();
  final Recorder recorder;
  private final IngestHandler handler;

  Ingest() {
    String table = LocalDynamo.newCatalogTable();
    InstantSource clock = InstantSource.fixed(NOW);
    index = new TimeIndex(dynamo.client(), LocalDynamo.newIndexTable(), clock);
    catalog = new BucketCatalog(dynamo.client(), table, clock);
    amendments = new Amendments(dynamo.client(), table);
    recorder =
        new Recorder(
            index, catalog, amendments, () -> shownThrough, task -> taskQueue.accept(task), clock);
    handler = new IngestHandler(recorder);
  }

  void enable(String... buckets) {
    for (String bucket : buckets) {
      index.create(bucket);
      index.finishBackfill(bucket);
    }
  }

  /** Hands a batch to the function; returns the ids of the messages that have to come again. */
  Set<String> handle(List<Message> batch) {
    return handle(batch, Duration.ofMinutes(1));
  }

  Set<String> handle(List<Message> batch, Duration remaining) {
    ObjectNode event = Json.MAPPER.createObjectNode();
    ArrayNode records = event.putArray("Records");
    batch.forEach(
        message -> records.addObject().put("messageId", message.id()).put("body", message.body()));
    return handle(Json.write(event), remaining);
  }

  Set<String> handle(String event, Duration remaining) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(
          new ByteArrayInputStream(event.getBytes(UTF_8)), output, new LambdaContext(remaining));
      Set<String> failed = new TreeSet<>();
      for (JsonNode item : Json.MAPPER.readTree(output.toByteArray()).path("batchItemFailures")) {
        failed.add(item.path("itemIdentifier").asText());
      }
      return failed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A message of one record: something happened to a version some seconds before {@link #NOW}. */
  static Message message(String id, String record) {
    return new Message(id, "{\"Records\":[" + record + "]}");
  }

  static String record(String event, String bucket, String key, String version, int secondsAgo) {
    return """
    {"eventName":"%s","eventTime":"%s","s3":{"bucket":{"name":"%s"},"object":{"key":"%s",\
    "size":%d,"eTag":"%s","versionId":"%s","sequencer":"%08X"}}}\
    """
        .formatted(
            event,
            NOW.minusSeconds(secondsAgo),
            bucket,
            URLEncoder.encode(key, UTF_8),
            1000 + secondsAgo,
            version,
            version,
            1_000_000 - secondsAgo);
  }

  static String put(String bucket, String key, String version, int secondsAgo) {
    return record("ObjectCreated:Put", bucket, key, version, secondsAgo);
  }

  /** {@code key=version} of all that a bucket holds now. */
  List<String> keys(String bucket) {
    return keys(bucket, NOW);
  }

  List<String> keys(String bucket, Instant at) {
    List<String> keys = new ArrayList<>();
    ListRequest request = ListRequest.recursive("");
    while (true) {
      var page = index.snapshot(bucket, at).list(request);
      for (ListItem item : page.items()) {
        var version = ((ListItem.Entry) item).version();
        keys.add(version.key().value() + "=" + version.versionId());
      }
      if (page.next().isEmpty()) {
        return keys;
      }
      request = request.from(page.next().get());
    }
  }
}
