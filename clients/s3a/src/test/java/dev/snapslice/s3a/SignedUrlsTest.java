package dev.snapslice.s3a;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.snapslice.s3a.SignedUrls.Answer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A proxy that signs for five minutes at first, and counts what it is asked. */
class SignedUrlsTest {
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();
  private Instant now = Instant.parse("2026-11-25T12:00:00Z");
  private Duration lasting = Duration.ofMinutes(5);
  private final SignedUrls urls = new SignedUrls(this::answers, () -> now);

  private Map<String, Answer> answers(List<String> keys) {
    asked.add(keys);
    Map<String, Answer> answers = new HashMap<>();
    for (String key : keys) {
      URI location = URI.create("http://s3/" + key + "?signed=" + asked.size());
      answers.put(key, new Answer.Signed(new SignedUrl(location, Map.of(), lasting)));
    }
    return answers;
  }

  private String url(String key) {
    return urls.of(key).location().toString();
  }

  @Test
  void keeps_a_url_until_shortly_before_it_ends_and_renews_it_then() {
    assertThat(url("a")).isEqualTo("http://s3/a?signed=1");
    now = now.plus(lasting).minus(SignedUrls.SPARE).minusMillis(1);
    assertThat(url("a")).isEqualTo("http://s3/a?signed=1");

    now = now.plusMillis(1);

    assertThat(url("a")).isEqualTo("http://s3/a?signed=2");
    assertThat(url("a")).isEqualTo("http://s3/a?signed=2");
  }

  @Test
  void keeps_nothing_of_the_present() {
    lasting = Duration.ZERO;

    url("a");

    assertThat(url("a")).isEqualTo("http://s3/a?signed=2");
  }

  @Test
  void forgets_a_url_that_did_not_serve_but_not_the_one_after_it() {
    SignedUrl first = urls.of("a");
    urls.forget("a", first);

    assertThat(url("a")).isEqualTo("http://s3/a?signed=2");

    urls.forget("a", first);
    assertThat(url("a")).isEqualTo("http://s3/a?signed=2");
  }

  @Test
  void asks_at_once_for_all_that_is_wanted_while_one_question_is_under_way() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    SignedUrls slow =
        new SignedUrls(
            keys -> {
              arrived.countDown();
              awaited(answer);
              return answers(keys);
            },
            () -> now);
    ExecutorService readers = Executors.newCachedThreadPool();
    List<CompletableFuture<SignedUrl>> reads = new ArrayList<>();
    try {
      reads.add(CompletableFuture.supplyAsync(() -> slow.of("first"), readers));
      awaited(arrived);
      for (int i = 0; i < 150; i++) {
        String key = "k" + i % 120;
        reads.add(CompletableFuture.supplyAsync(() -> slow.of(key), readers));
      }
      while (slow.waiting() < 121) {
        Thread.onSpinWait();
      }
      answer.countDown();
      CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
    } finally {
      readers.shutdownNow();
    }

    assertThat(asked).extracting(List::size).containsExactly(1, SignedUrls.MOST_KEYS, 20);
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tells_of_each_key_what_the_proxy_says_of_it() {
    S3Exception denied = (S3Exception) S3Exception.builder().statusCode(403).build();
    SignedUrls refusing =
        new SignedUrls(keys -> Map.of("a", new Answer.Refused(denied)), () -> now);

    assertThatExceptionOfType(S3Exception.class)
        .isThrownBy(() -> refusing.of("a"))
        .isSameAs(denied);
    assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> refusing.of("b"));
  }

  @Test
  void asks_again_after_the_proxy_did_not_answer() {
    List<String> tried = new ArrayList<>();
    SignedUrls flaky =
        new SignedUrls(
            keys -> {
              tried.addAll(keys);
              if (tried.size() == 1) {
                throw SdkClientException.create("no route");
              }
              return answers(keys);
            },
            () -> now);

    assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> flaky.of("a"));
    assertThat(flaky.of("a").location().getPath()).isEqualTo("/a");
  }
}
