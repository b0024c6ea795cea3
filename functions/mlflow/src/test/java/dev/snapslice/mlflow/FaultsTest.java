package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.runtime.log.LogLevel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** Every call, with a function that is killed, or a DynamoDB that fails, in every place. */
@TestInstance(Lifecycle.PER_CLASS)
final class FaultsTest {
  private static final List<DynamoFault> FAULTS = List.of(DynamoFault.values());

  /** Files, which are S3's; what posts to somebody; what is always refused. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "POST /api/2.0/mlflow/webhooks/{webhook_id}/test",
          "PATCH /api/2.0/mlflow/users/update-password");

  /** Of a batch, some may stay: so says MLflow's documentation. */
  private static final Set<String> IN_PARTS = Set.of("/api/2.0/mlflow/runs/log-batch");

  private final TrackingTable plain =
      new TrackingTable(LocalDynamo.client(), LocalDynamo.newCatalogTable());
  private final Everything everything = new Everything(new InProcess(Permission.MANAGE, plain));
  private final SavedItems saved = new SavedItems(plain);
  private final Map<String, String> before = view();

  /** Nothing catches it, as nothing goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private int writesLeft = Integer.MAX_VALUE;
  private int callsLeft = Integer.MAX_VALUE;
  private DynamoFault fault;
  private int turn;
  private final TrackingTable table =
      new TrackingTable(new ObservedDynamo(LocalDynamo.client(), this::send), plain.name());

  private synchronized DynamoDbResponse send(
      DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    boolean reads = request instanceof QueryRequest || request instanceof GetItemRequest;
    if (--callsLeft == 0) {
      return fault.instead(request, send);
    }
    if (request instanceof BatchWriteItemRequest batch) {
      batch.requestItems().get(plain.name()).forEach(this::sendAlone);
      return BatchWriteItemResponse.builder().build();
    }
    if (!reads) {
      write();
    }
    return send.get();
  }

  private void write() {
    if (--writesLeft < 0) {
      throw new Killed();
    }
  }

  /** Those of a batch are written one by one, as DynamoDB may do. */
  private void sendAlone(WriteRequest one) {
    write();
    plain.dynamo().batchWriteItem(r -> r.requestItems(Map.of(plain.name(), List.of(one))));
  }

  @BeforeAll
  static void without_a_warning_for_each() {
    new LogLevel().setLogLevel(Level.ERROR);
  }

  @AfterAll
  static void with_warnings() {
    new LogLevel().setLogLevel(Level.INFO);
  }

  private void restore() {
    writesLeft = Integer.MAX_VALUE;
    callsLeft = Integer.MAX_VALUE;
    saved.restore();
  }

  private Map<String, String> view() {
    return everything.view(InProcess.later(plain, 3));
  }

  Stream<Everything.Call> changes() {
    return everything.changes().stream();
  }

  /** A state, and how a call was answered that led to it. */
  private record Step(int status, Map<String, String> view) {}

  private Step step(TrackingTable table, Everything.Call call, int hours) {
    int status = 0;
    try {
      status = Everything.ask(InProcess.later(table, hours), call).status();
    } catch (Killed e) {
      // There is no answer.
    }
    return new Step(status, view());
  }

  @ParameterizedTest
  @MethodSource("changes")
  void a_killed_call_is_done_wholly_or_not_at_all_and_can_be_sent_again(Everything.Call call) {
    restore();
    InProcess.Answer answer = Everything.ask(InProcess.later(table, 1), call);
    int writes = Integer.MAX_VALUE - writesLeft;
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(writes).isPositive();
    if (writes == 1) {
      return;
    }
    Step once = new Step(200, view());
    Step twice = step(plain, call, 2);
    SoftAssertions all = new SoftAssertions();

    // Before the first it is as before, and after the last as if the answer was lost.
    for (int survived = 1; survived < writes; survived++) {
      restore();
      writesLeft = survived;
      Map<String, String> seen = step(table, call, 1).view();
      boolean done = !seen.equals(before) && !IN_PARTS.contains(call.path());
      if (done) {
        all.assertThat(differing(seen, once.view())).as("after %d writes", survived).isEmpty();
      }
      Step again = step(plain, call, 2);
      Step expected = done ? twice : once;
      all.assertThat(again.status()).as("again").isEqualTo(expected.status());
      all.assertThat(differing(again.view(), expected.view()))
          .as("again, after %d writes", survived)
          .isEmpty();
    }
    all.assertAll();
  }

  private static List<String> differing(Map<String, String> is, Map<String, String> should) {
    return Stream.concat(is.keySet().stream(), should.keySet().stream())
        .distinct()
        .filter(read -> !String.valueOf(is.get(read)).equals(String.valueOf(should.get(read))))
        .map(read -> read + "\n  is     " + is.get(read) + "\n  should " + should.get(read))
        .toList();
  }

  Stream<Everything.Call> calls() {
    return Stream.concat(changes(), everything.reads().stream());
  }

  @ParameterizedTest
  @MethodSource("calls")
  void what_dynamodb_puts_off_is_answered_so_that_clients_try_again(Everything.Call call) {
    restore();
    int whole = Everything.ask(InProcess.later(table, 1), call).status();
    int calls = Integer.MAX_VALUE - callsLeft;
    assertThat(calls).isPositive();
    SoftAssertions all = new SoftAssertions();

    for (int at = 1; at <= calls; at++) {
      restore();
      fault = FAULTS.get(turn++ % FAULTS.size());
      callsLeft = at;
      InProcess.Answer answer = Everything.ask(InProcess.later(table, 1), call);
      String where = "%s at call %d of %d: %s".formatted(fault, at, calls, answer);
      if (answer.status() == whole) {
        Map<String, String> seen = view();
        restore();
        Map<String, String> should = step(plain, call, 1).view();
        all.assertThat(differing(seen, should)).as("acknowledged, %s", where).isEmpty();
      } else {
        all.assertThat(answer.status()).as(where).isIn(429, 503);
        all.assertThat(answer.json().path("error_code").asText()).as(where).isNotEmpty();
        all.assertThat(answer.json().path("message").asText()).as(where).endsWith("try again");
      }
    }
    all.assertAll();
  }

  @Test
  void no_call_is_missing_here() {
    InProcess mlflow = InProcess.later(plain, 1);

    List<String> missing =
        mlflow
            .mlflow()
            .writing()
            .filter(route -> !route.contains("artifact") && !ELSEWHERE.contains(route))
            .filter(route -> everything.changes().stream().noneMatch(call -> call.asks(route)))
            .toList();

    assertThat(missing).isEmpty();
  }
}
