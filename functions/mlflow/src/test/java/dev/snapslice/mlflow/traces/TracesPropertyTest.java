package dev.snapslice.mlflow.traces;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.KillableTable;
import dev.snapslice.mlflow.tracking.Stage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** A trace never promises spans that are not there, whatever is killed or comes between. */
class TracesPropertyTest {
  private static final int MOST_WRITES = 9;
  private static final long BEGIN = 1_700_000_000_000L;
  private static final List<String> IDS = List.of("tr-a", "tr-b");
  private static final Experiment EXPERIMENT =
      new Experiment(
          "7",
          "e",
          "mlflow-artifacts:/7",
          Stage.ACTIVE,
          0,
          0,
          0,
          new TreeMap<>(),
          Optional.empty());

  private final KillableTable killable = new KillableTable();
  private final TrackingTable table = killable.table();
  private final Spans spans = new Spans(table);
  private final Traces traces = new Traces(table, spans);

  private static ReceivedSpans received(String traceId, int... numbers) {
    List<ObjectNode> spans = new ArrayList<>();
    for (int number : numbers) {
      ObjectNode span = Json.MAPPER.createObjectNode();
      span.put("span_id", Base64.getEncoder().encodeToString(new byte[] {(byte) number}));
      span.put("name", "span " + number);
      span.put("start_time_unix_nano", (BEGIN - number * 1_000L) * 1_000_000);
      span.put("end_time_unix_nano", BEGIN * 1_000_000);
      if (number > 0) {
        span.put("parent_span_id", Base64.getEncoder().encodeToString(new byte[] {0}));
      }
      spans.add(span);
    }
    return new ReceivedSpans(traceId, spans, new HashMap<>());
  }

  private void keep(String traceId, int... numbers) {
    traces.keep(EXPERIMENT, received(traceId, numbers), "");
  }

  /** The names of the spans of the traces that are there: as they promise, and as they are. */
  private Map<String, Set<String>> view() {
    Map<String, Set<String>> view = new TreeMap<>();
    for (String id : IDS) {
      Optional<Trace> found = traces.find(id);
      List<Trace> listed =
          traces.of(EXPERIMENT.id()).filter(trace -> trace.id().equals(id)).toList();
      assertThat(listed).hasSize(found.isPresent() ? 1 : 0);
      found.ifPresent(trace -> {
        Set<String> promised =
            trace.notes().stream()
                .flatMap(note -> note.text("name").stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(trace.millis()).isEqualTo(listed.getFirst().millis());
        assertThat(spans.of(found.get()).stream().map(span -> span.path("name").asText()))
            .containsAll(promised);
        view.put(id, promised);
      });
    }
    return view;
  }

  private void setUp() {
    IDS.forEach(id -> traces.delete(EXPERIMENT, id, 1));
    keep("tr-a", 1, 2);
  }

  @Test
  void a_killed_change_is_whole_or_none_and_whole_when_it_is_done_again() {
    List<Runnable> changes =
        List.of(
            () -> keep("tr-a", 0),
            () -> keep("tr-a", 2, 3, 4),
            () -> keep("tr-b", 0, 5, 6),
            () -> traces.change("tr-a", trace -> trace.tag("k", "v")),
            () -> traces.change("tr-a", trace -> trace.move(EXPERIMENT, 5)),
            () -> traces.delete(EXPERIMENT, "tr-a", 1));
    for (Runnable change : changes) {
      setUp();
      Map<String, Set<String>> before = view();
      change.run();
      Map<String, Set<String>> after = view();

      for (int writes = 0; writes < MOST_WRITES; writes++) {
        setUp();
        killable.killed(writes, change);
        assertThat(view()).isIn(before, after);
        quietly(change);
        assertThat(view()).isEqualTo(after);
      }
    }
  }

  private static void quietly(Runnable change) {
    try {
      change.run();
    } catch (MlflowException e) {
      // There was nothing to change.
    }
  }

  @Test
  void a_trace_after_a_killed_deletion_has_none_of_its_spans() {
    for (int writes = 0; writes < MOST_WRITES; writes++) {
      setUp();
      killable.killed(writes, () -> traces.delete(EXPERIMENT, "tr-a", 1));
      boolean deleted = traces.find("tr-a").isEmpty();

      keep("tr-a", 9);

      assertThat(spans.of(traces.get("tr-a"))).hasSize(deleted ? 1 : 3);
    }
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void no_span_is_lost_whoever_writes_at_the_same_time(
      @ForAll @Size(min = 4, max = 20) List<@IntRange(max = 99_999) Integer> steps) {
    setUp();
    Set<String> sent = new TreeSet<>(Set.of("span 1", "span 2"));
    for (int step : steps) {
      int one = step / 10 % 50;
      int other = step / 500 % 50;
      killable.interrupted(
          step % 4,
          () -> {
            keep("tr-a", other);
            traces.change("tr-a", trace -> trace.tag("k" + other, "v"));
          },
          () -> keep("tr-a", one));
      sent.add("span " + one);
    }

    assertThat(view().get("tr-a")).containsAll(sent);
    assertThat(traces.get("tr-a").duration().orElseThrow())
        .isEqualTo(BEGIN - traces.get("tr-a").millis());
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void what_was_kept_last_is_there_whoever_deletes_at_the_same_time(
      @ForAll @Size(min = 4, max = 20) List<@IntRange(max = 99_999) Integer> steps) {
    setUp();
    for (int step : steps) {
      int writes = step % 5;
      int one = step / 10 % 4;
      int other = step / 40 % 4;
      Runnable keeping = () -> keep("tr-a", one, one + 1);
      Runnable deleting = () -> traces.delete(EXPERIMENT, "tr-a", 1);
      Runnable both =
          () -> {
            deleting.run();
            keep("tr-a", other);
          };
      switch (step / 160 % 4) {
        case 0 -> killable.interrupted(writes, deleting, keeping);
        case 1 -> killable.interrupted(writes, both, keeping);
        case 2 -> killable.interrupted(writes, keeping, deleting);
        default -> killable.interrupted(writes, both, deleting);
      }

      assertThat(view().getOrDefault("tr-a", Set.of("span " + one)))
          .containsAnyOf("span " + one, "span " + other);
      if (step / 160 % 4 < 2) {
        assertThat(view().get("tr-a")).contains("span " + one, "span " + (one + 1));
      }
    }
  }
}
