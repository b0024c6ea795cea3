package dev.snapslice.s3a;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The URLs of a bucket's objects: asked for when a key is read first, kept until shortly before
 * they end. While one question is under way, whatever else is wanted waits and is asked next, all
 * at once. Thread-safe.
 */
final class SignedUrls {
  /** S3 looks at a URL when a read begins; until then it may have to wait for a connection. */
  static final Duration SPARE = Duration.ofSeconds(30);

  /** What the proxy takes in one question. */
  static final int MOST_KEYS = 100;

  private static final int MOST_CHARACTERS = 8_000;
  private static final int MOST_KEPT = 2_000;

  private final Function<List<String>, Map<String, Answer>> proxy;
  private final InstantSource clock;
  private final Map<String, Kept> kept = new Recent();
  private final Map<String, CompletableFuture<SignedUrl>> waiting = new LinkedHashMap<>();
  private final ReentrantLock asking = new ReentrantLock(true);

  /** What the proxy says of a key. */
  sealed interface Answer {
    record Signed(SignedUrl url) implements Answer {}

    record Refused(S3Exception error) implements Answer {}
  }

  private record Kept(SignedUrl url, Instant until) {}

  /** Of all that a proxy signs: it is asked for several keys, and answers each. */
  SignedUrls(Function<List<String>, Map<String, Answer>> proxy, InstantSource clock) {
    this.proxy = proxy;
    this.clock = clock;
  }

  /**
   * The URL of a key.
   *
   * @throws S3Exception if it may not be read; says why as S3 does
   */
  SignedUrl of(String key) {
    CompletableFuture<SignedUrl> wanted;
    synchronized (waiting) {
      Kept known = kept.get(key);
      if (known != null && clock.instant().isBefore(known.until())) {
        return known.url();
      }
      wanted = waiting.computeIfAbsent(key, each -> new CompletableFuture<>());
    }
    asking.lock();
    try {
      while (!wanted.isDone()) {
        ask();
      }
    } finally {
      asking.unlock();
    }
    try {
      return wanted.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Lets go of a URL that did not serve. */
  void forget(String key, SignedUrl url) {
    synchronized (waiting) {
      kept.computeIfPresent(key, (same, known) -> known.url().equals(url) ? null : known);
    }
  }

  /** How many keys are wanted that the proxy has not answered yet. */
  int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private void ask() {
    Map<String, CompletableFuture<SignedUrl>> batch = next();
    Instant asked = clock.instant();
    try {
      Map<String, Answer> answers = proxy.apply(new ArrayList<>(batch.keySet()));
      batch.forEach((key, wanted) -> answer(key, answers.get(key), asked, wanted));
    } catch (RuntimeException e) {
      synchronized (waiting) {
        waiting.keySet().removeAll(batch.keySet());
      }
      batch.values().forEach(wanted -> wanted.completeExceptionally(e));
    }
  }

  private Map<String, CompletableFuture<SignedUrl>> next() {
    Map<String, CompletableFuture<SignedUrl>> batch = new LinkedHashMap<>();
    synchronized (waiting) {
      int characters = 0;
      for (Map.Entry<String, CompletableFuture<SignedUrl>> wanted : waiting.entrySet()) {
        if (batch.size() == MOST_KEYS || characters >= MOST_CHARACTERS) {
          break;
        }
        characters += URLEncoder.encode(wanted.getKey(), UTF_8).length();
        batch.put(wanted.getKey(), wanted.getValue());
      }
    }
    return batch;
  }

  private void answer(
      String key, Answer answer, Instant asked, CompletableFuture<SignedUrl> wanted) {
    synchronized (waiting) {
      waiting.remove(key);
      if (answer instanceof Answer.Signed signed) {
        kept.put(key, new Kept(signed.url(), asked.plus(signed.url().lasting()).minus(SPARE)));
      }
    }
    if (answer instanceof Answer.Signed signed) {
      wanted.complete(signed.url());
    } else if (answer instanceof Answer.Refused refused) {
      wanted.completeExceptionally(refused.error());
    } else {
      wanted.completeExceptionally(
          SdkClientException.create("the proxy's answer says nothing of the key"));
    }
  }

  /** Forgets what was not read for longest. */
  private static final class Recent extends LinkedHashMap<String, Kept> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
      return size() > MOST_KEPT;
    }
  }
}
