package dev.snapslice.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.view.NamedViews;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.DatasetViews;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.mlflow.webhooks.Destination;
import dev.snapslice.mlflow.webhooks.WebhookRoutes;
import dev.snapslice.mlflow.webhooks.WebhookSecrets;
import dev.snapslice.mlflow.webhooks.Webhooks;
import dev.snapslice.runtime.GatewayEvent;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** All of MLflow over DynamoDB Local, without S3. Its clock goes on by a second for each call. */
final class InProcess {
  private static final Instant START = Instant.parse("2026-11-26T10:00:00Z");

  private Instant now;
  private final Mlflow mlflow;

  InProcess(Permission byDefault) {
    this(byDefault, new TrackingTable(LocalDynamo.client(), LocalDynamo.newCatalogTable()));
  }

  InProcess(Permission byDefault, TrackingTable table) {
    this(byDefault, table, START, new Random(1));
  }

  private InProcess(Permission byDefault, TrackingTable table, Instant start, Random random) {
    now = start;
    InstantSource clock = () -> now;
    String catalog = LocalDynamo.newCatalogTable();
    Webhooks webhooks = new Webhooks(table, clock);
    WebhookSecrets secrets =
        new WebhookSecrets(
            () -> {
              throw new IllegalStateException("KMS is not here");
            },
            "none");
    mlflow =
        new Mlflow(
            table,
            new Permissions(table.dynamo(), table.name(), byDefault, clock),
            new DatasetViews(
                new BucketCatalog(table.dynamo(), catalog, clock),
                new NamedViews(new Labels(table.dynamo(), catalog), run -> Optional.empty()),
                Optional.empty(),
                clock),
            new Artifacts(
                new ArtifactStore(
                    new ArtifactStore.Place("artifacts", ""),
                    new Lazy<S3Client>(() -> {
                      throw none();
                    })),
                new Lazy<S3Presigner>(() -> {
                  throw none();
                })),
            "mlflow-artifacts:/",
            new Announcements(table, webhooks, text -> {}, clock),
            new WebhookRoutes(webhooks, secrets, Destination.PUBLIC, clock),
            clock,
            random);
  }

  /** Another process, some hours later, which remembers nothing. */
  static InProcess later(TrackingTable table, int hours) {
    return new InProcess(
        Permission.MANAGE, table, START.plus(Duration.ofHours(hours)), new Random(1 + hours));
  }

  /** No file is there. */
  private static MlflowException none() {
    return MlflowException.missing("S3 is not here");
  }

  Mlflow mlflow() {
    return mlflow;
  }

  Instant now() {
    return now;
  }

  /** Lets what was read be forgotten. */
  void rest() {
    rest(Duration.ofMinutes(1));
  }

  void rest(Duration duration) {
    now = now.plus(duration);
  }

  /** What is answered. */
  record Answer(int status, JsonNode json) {

    /** Of an experiment that was made. */
    String id() {
      return json.path("experiment_id").asText();
    }

    /** Of a run that was made. */
    String run() {
      return json.at("/run/info/run_id").asText();
    }
  }

  Answer ask(String principal, Role role, String method, String path, ObjectNode message) {
    return ask(principal, Grant.everywhere(role), method, path, message);
  }

  Answer ask(String principal, Grant grant, String method, String path, ObjectNode message) {
    return ask(event(principal, grant, method, path, message));
  }

  Answer ask(GatewayEvent event) {
    now = now.plusSeconds(1);
    try {
      Reply reply = mlflow.answer(Call.of(event)).fitting();
      return new Answer(
          reply.status(),
          reply.contentType().equals("application/json")
              ? Json.read(reply.body(), JsonNode.class)
              : Json.MAPPER.createObjectNode());
    } catch (RuntimeException e) {
      Reply refusal = Refusals.of(e).reply();
      return new Answer(refusal.status(), Json.read(refusal.body(), JsonNode.class));
    }
  }

  private static GatewayEvent event(
      String principal, Grant grant, String method, String path, ObjectNode message) {
    ObjectNode event = Json.MAPPER.createObjectNode().put("rawPath", path);
    ObjectNode context = event.putObject("requestContext");
    context.putObject("http").put("method", method);
    context
        .putObject("authorizer")
        .putObject("lambda")
        .put("principal", principal)
        .put("grant", Json.write(grant));
    ObjectNode headers = event.putObject("headers").put("content-type", "application/json");
    headers.put("x-mlflow-experiment-id", message.path("experiment_id").asText());
    event.put("rawQueryString", query(message));
    return new GatewayEvent(method.equals("GET") ? event : event.put("body", Json.write(message)));
  }

  private static String query(ObjectNode message) {
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : message.properties()) {
      List<JsonNode> values = new ArrayList<>();
      if (field.getValue().isArray()) {
        field.getValue().forEach(values::add);
      } else {
        values.add(field.getValue());
      }
      values.stream()
          .filter(JsonNode::isValueNode)
          .forEach(value ->
              pairs.add(
                  field.getKey()
                      + "="
                      + URLEncoder.encode(value.asText(), StandardCharsets.UTF_8)));
    }
    return String.join("&", pairs);
  }
}
