package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/** A replica of DynamoDB may answer a query as it would have a moment before. */
class StaleAnswerTest {
  private static final int KEYS = 400;

  private final Map<QueryRequest, DynamoDbResponse> earlier = new HashMap<>();
  private boolean remembering;
  private int stale = -1;
  private int staleServed;
  private final ClockedIndex clocked = new ClockedIndex(Limits.PRODUCTION, this::answer);

  private DynamoDbResponse answer(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    if (!(request instanceof QueryRequest query) || query.consistentRead()) {
      return send.get();
    }
    if (remembering) {
      return earlier.computeIfAbsent(query, same -> send.get());
    }
    boolean old = earlier.containsKey(query) && stale-- == 0;
    staleServed += old ? 1 : 0;
    return old ? earlier.get(query) : send.get();
  }

  @Test
  void no_stale_answer_hides_what_was_folded_meanwhile() {
    clocked.index.finishBackfill(BUCKET);
    List<String> names = new ArrayList<>();
    List<VersionEvent> even = new ArrayList<>();
    List<VersionEvent> odd = new ArrayList<>();
    for (int n = 0; n < KEYS; n++) {
      String key = "frame-%04d".formatted(n);
      names.add(key + "=v");
      (n % 2 == 0 ? even : odd).add(clocked.created(key, "v", START + n));
    }
    clocked.record(even);
    clocked.settle();

    foldUnseen(odd, names);
  }

  @Test
  void no_stale_answer_hides_what_a_removal_shows_that_was_folded_meanwhile() {
    clocked.index.finishBackfill(BUCKET);
    List<String> names = new ArrayList<>();
    List<VersionEvent> first = new ArrayList<>();
    List<VersionEvent> second = new ArrayList<>();
    List<VersionEvent> removals = new ArrayList<>();
    for (int n = 0; n < KEYS; n++) {
      String key = "frame-%04d".formatted(n);
      names.add(key + "=v1");
      first.add(clocked.created(key, "v1", START + n));
      second.add(clocked.created(key, "v2", START + KEYS + n));
      removals.add(clocked.event(key, "v2", Kind.REMOVED, START + 100_000 + n, Source.EVENT));
    }
    for (List<VersionEvent> events : List.of(first, second)) {
      clocked.record(events);
      clocked.settle();
    }

    foldUnseen(removals, names);
  }

  /** Folds the events, and lists what there is then with each answer in turn as it was before. */
  private void foldUnseen(List<VersionEvent> events, List<String> names) {
    clocked.record(events);
    long now = clocked.clock.get();
    remembering = true;
    assertThat(clocked.listed(now)).isEqualTo(names);
    remembering = false;

    assertThat(clocked.maintain().folded()).isEqualTo(events.size());
    int which = 0;
    do {
      staleServed = 0;
      stale = which++;
      assertThat(clocked.listed(now)).isEqualTo(names);
    } while (staleServed > 0);

    assertThat(which).isGreaterThan(3);
  }
}
