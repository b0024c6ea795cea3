package dev.snapslice.mlflow.webhooks;

import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts what the queue holds. Thread-safe. */
public final class Deliveries {
  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Set<Integer> AGAIN = Set.of(429, 500, 502, 503, 504);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(2);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
  private static final int GROWTH = 5;

  private final Webhooks webhooks;
  private final Sender sender;

  public Deliveries(Webhooks webhooks, Sender sender) {
    this.webhooks = webhooks;
    this.sender = sender;
  }

  /** What came of a message. */
  public sealed interface Outcome {}

  /** It is done with: the receiver has it, or refuses it for good, or is no more. */
  public record Done(boolean delivered) implements Outcome {}

  /** It has to come again, after a while. */
  public record Again(Duration after) implements Outcome {}

  /**
   * Posts a message to its webhook as that is now. The queue may bring it twice: it is posted each
   * time, by the same id. What fails here comes again alone, and not with those of its batch.
   *
   * @param attempt from one on
   */
  public Outcome deliver(String message, int attempt) {
    try {
      return deliver(Json.read(message, Delivery.class), attempt);
    } catch (RuntimeException | IOException e) {
      // Names that cannot be resolved, or that lead into a private network, may be mended, too.
      log.warn("a webhook was not told: {}", e.toString());
      return again(attempt, Duration.ZERO);
    }
  }

  private Outcome deliver(Delivery delivery, int attempt) throws IOException {
    Optional<Webhook> webhook = webhooks.find(delivery.webhook()).filter(Webhook::active);
    if (webhook.isEmpty()) {
      return new Done(false);
    }
    Sender.Answer answer = sender.post(webhook.get(), delivery.id(), delivery.body(), LIMIT);
    if (AGAIN.contains(answer.status())) {
      return again(attempt, answer.retryAfter());
    }
    if (answer.status() >= 300) {
      log.warn("the webhook {} answered {}", delivery.webhook(), answer.status());
    }
    return new Done(answer.status() < 300);
  }

  /** 2 s, 10 s, 50 s, 4 min, or what the receiver asks for if that is more. */
  private static Again again(int attempt, Duration asked) {
    Duration wait = FIRST_WAIT.multipliedBy((long) Math.pow(GROWTH, Math.min(attempt, 5) - 1.0));
    Duration longer = wait.compareTo(asked) < 0 ? asked : wait;
    return new Again(longer.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : longer);
  }
}
