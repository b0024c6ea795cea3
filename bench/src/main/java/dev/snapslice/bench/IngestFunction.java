package dev.snapslice.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.ingest.IngestHandler;
import dev.snapslice.ingest.Recorder;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The ingest function in this process, with an empty index and batches as Lambda hands them over.
 */
final class IngestFunction {
  private static final String NO_FAILURES = "{\"batchItemFailures\":[]}";

  private final IngestHandler handler;

  /** Prepares an index of one bucket at a moment of its history. */
  IngestFunction(Instant now) {
    DynamoDbClient dynamo = LocalDynamo.client();
    String catalog = LocalDynamo.newCatalogTable();
    InstantSource clock = InstantSource.fixed(now);
    TimeIndex index = new TimeIndex(dynamo, LocalDynamo.newIndexTable(), clock);
    index.create(Subject.BUCKET);
    index.finishBackfill(Subject.BUCKET);
    handler =
        new IngestHandler(
            new Recorder(
                index,
                new BucketCatalog(dynamo, catalog, clock),
                new Amendments(dynamo, catalog),
                Optional::empty,
                task -> {},
                clock));
  }

  /** A batch of the events queue: a message for each event, as S3 sends them. */
  static byte[] batch(List<VersionEvent> events) {
    ObjectNode batch = Json.MAPPER.createObjectNode();
    ArrayNode records = batch.putArray("Records");
    for (VersionEvent event : events) {
      records.addObject().put("messageId", event.versionId()).put("body", message(event));
    }
    return Json.write(batch).getBytes(StandardCharsets.UTF_8);
  }

  private static String message(VersionEvent event) {
    ObjectNode message = Json.MAPPER.createObjectNode();
    ObjectNode told = message.putArray("Records").addObject();
    told.put("eventVersion", "2.1").put("eventSource", "aws:s3").put("awsRegion", "us-east-1");
    told.put("eventTime", event.time().toString()).put("eventName", "ObjectCreated:Put");
    ObjectNode s3 = told.putObject("s3");
    s3.putObject("bucket").put("name", Subject.BUCKET).put("arn", "arn:aws:s3:::" + Subject.BUCKET);
    s3.putObject("object")
        .put("key", URLEncoder.encode(event.key().value(), StandardCharsets.UTF_8))
        .put("size", event.size())
        .put("eTag", event.etag())
        .put("versionId", event.versionId())
        .put("sequencer", event.sequencer());
    return Json.write(message);
  }

  /** Hands a batch to the function. */
  void handle(byte[] batch) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(batch), answer, new LambdaContext());
    String failed = answer.toString(StandardCharsets.UTF_8);
    if (!failed.equals(NO_FAILURES)) {
      throw new IllegalStateException("the ingest function gave back " + failed);
    }
  }
}
