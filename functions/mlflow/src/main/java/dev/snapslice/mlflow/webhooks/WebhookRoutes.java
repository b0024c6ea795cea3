package dev.snapslice.mlflow.webhooks;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.table.Change;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.SdkBytes;

/** The operations on webhooks, which are for administrators. Thread-safe. */
public final class WebhookRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  /** Of API Gateway's 29 s. */
  private static final Duration TEST = Duration.ofSeconds(20);

  private static final Pattern NAME =
      Pattern.compile("(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?", Pattern.CASE_INSENSITIVE);
  private static final List<Field> CHANGED =
      List.of(
          text("name"),
          text("description"),
          text("url"),
          messages("events", RegistryEvent.FIELDS),
          text("secret"),
          choice("status", "ACTIVE", "DISABLED"));
  private static final List<Field> CREATED =
      List.of(
          text("name").mandatory(),
          text("description"),
          text("url").mandatory(),
          messages("events", RegistryEvent.FIELDS).mandatory(),
          text("secret"),
          choice("status", "ACTIVE", "DISABLED"));
  private static final List<Field> TESTED = List.of(message("event", RegistryEvent.FIELDS));

  private final Webhooks webhooks;
  private final WebhookSecrets secrets;
  private final Destination destination;
  private final Sender sender;
  private final InstantSource clock;

  public WebhookRoutes(
      Webhooks webhooks, WebhookSecrets secrets, Destination destination, InstantSource clock) {
    this.webhooks = webhooks;
    this.secrets = secrets;
    this.destination = destination;
    this.sender = new Sender(destination, secrets, clock);
    this.clock = clock;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String all = "/api/2.0/mlflow/webhooks";
    String one = all + "/{webhook_id}";
    routes
        .add("POST", all, CREATED, this::create)
        .add("GET", all, List.of(integer("max_results"), text("page_token")), this::list)
        .add("GET", one, call -> reply(webhooks.get(call.parameter("webhook_id"))))
        .add("PATCH", one, this::change)
        .add("DELETE", one, this::delete)
        .add("POST", one + "/test", this::test);
  }

  private static Reply reply(Webhook webhook) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("webhook", webhook.json());
    return Reply.json(json);
  }

  private Reply create(Message request) {
    List<RegistryEvent> events = events(request);
    checkName(request.text("name"));
    destination.check(request.text("url"));
    if (events.isEmpty()) {
      throw MlflowException.invalid(
          "Webhook events must be a non-empty list of WebhookEvent objects: [].");
    }
    String id = UUID.randomUUID().toString();
    long now = clock.millis();
    Webhook webhook =
        new Webhook(
            id,
            request.text("name"),
            request.text("url"),
            events,
            request.text("description"),
            !request.text("status").equals("DISABLED"),
            sealed(id, request),
            now,
            now);
    webhooks.create(webhook);
    return reply(webhook);
  }

  private static List<RegistryEvent> events(Message request) {
    return request.messages("events").stream().map(RegistryEvent::read).distinct().toList();
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw MlflowException.invalid(
          "Webhook name %s is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-)."
              .formatted(Python.repr(name)));
    }
  }

  private Optional<SdkBytes> sealed(String id, Message request) {
    Optional<String> secret = request.given("secret");
    if (secret.filter(text -> text.getBytes(UTF_8).length > WebhookSecrets.LONGEST).isPresent()) {
      throw MlflowException.invalid(
          "A webhook's secret may have %d bytes at most.".formatted(WebhookSecrets.LONGEST));
    }
    return secret.map(text -> secrets.seal(id, text));
  }

  private Reply list(Message request) {
    long asked = request.integer("max_results", DEFAULT_PAGE);
    int limit = (int) (asked == 0 ? DEFAULT_PAGE : asked);
    if (limit < 1 || limit > LARGEST_PAGE) {
      throw MlflowException.invalid("max_results must be between 1 and 1000.");
    }
    return Page.reply("webhooks", webhooks.all(), request.text("page_token"), limit, Webhook::json);
  }

  private Reply change(Call call) {
    Message request = call.message(CHANGED);
    String id = call.parameter("webhook_id");
    List<RegistryEvent> events = events(request);
    webhooks.get(id);
    Change change = new Change().set("updated", fromN("" + clock.millis()));
    request
        .given("name")
        .ifPresent(name -> {
          checkName(name);
          change.set("name", fromS(name));
        });
    request
        .given("url")
        .ifPresent(url -> {
          destination.check(url);
          change.set("url", fromS(url));
        });
    if (!events.isEmpty()) {
      change.set("events", Webhook.stored(events));
    }
    if (request.has("description")) {
      change.set("description", fromS(request.text("description")));
    }
    if (request.has("secret")) {
      sealed(id, request)
          .ifPresentOrElse(
              secret -> change.set("secret", fromB(secret)), () -> change.remove("secret"));
    }
    if (request.has("status")) {
      change.set("active", fromBool(request.text("status").equals("ACTIVE")));
    }
    return reply(webhooks.change(id, change));
  }

  private Reply delete(Call call) {
    webhooks.delete(call.parameter("webhook_id"));
    return Reply.done();
  }

  private Reply test(Call call) {
    Optional<RegistryEvent> asked = call.message(TESTED).message("event").map(RegistryEvent::read);
    Webhook webhook = webhooks.get(call.parameter("webhook_id"));
    RegistryEvent event = asked.orElse(webhook.events().getFirst());
    String body = Payload.of(event, clock.instant(), event.example());
    ObjectNode json = Json.MAPPER.createObjectNode();
    ObjectNode result = json.putObject("result");
    try {
      Sender.Answer answer = sender.post(webhook, UUID.randomUUID().toString(), body, TEST);
      result.put("success", answer.status() < 400).put("response_status", answer.status());
      result.put("response_body", answer.body());
    } catch (MlflowException | IOException e) {
      result.put("success", false);
      result.put("error_message", "Failed to test webhook: " + e.getMessage());
    }
    return Reply.json(json);
  }
}
