package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/** What DynamoDB puts off or refuses for a while. */
class RunFaultTest {
  /** Each time that a run may be folded, it is. */
  private static final RandomGenerator ALWAYS = () -> 0;

  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), this::call), LocalDynamo.newCatalogTable());
  private final InstantSource clock = InstantSource.system();
  private final Experiments experiments =
      new Experiments(table, "mlflow-artifacts:/", clock, ALWAYS);
  private final Runs runs = new Runs(table, experiments, clock, ALWAYS);
  private boolean throttles;
  private int putOff;

  private DynamoDbResponse call(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    if (throttles && request instanceof QueryRequest) {
      throw ProvisionedThroughputExceededException.builder().message("throttled").build();
    }
    if (putOff > 0 && request instanceof BatchWriteItemRequest writes) {
      putOff--;
      return BatchWriteItemResponse.builder().unprocessedItems(writes.requestItems()).build();
    }
    return send.get();
  }

  /** Folds are for those who read later: who logs gets no error of theirs. */
  @Test
  void what_is_logged_is_acknowledged_though_the_fold_cannot_read_the_run() {
    String run = newRun(experiment());

    throttles = true;
    runs.log(run, List.of(new Metric("loss", 1, 1, 1)), Map.of(), Map.of());
    throttles = false;

    assertThat(runs.get(run).metrics()).containsOnlyKeys("loss");
  }

  @Test
  void a_run_whose_writes_are_put_off_is_made_when_they_are_done() {
    Experiment experiment = experiment();

    putOff = 2;
    String run = newRun(experiment);

    assertThat(runs.get(run).id()).isEqualTo(run);
  }

  @Test
  void a_run_whose_writes_are_put_off_for_ever_is_refused_as_throttled() {
    Experiment experiment = experiment();

    putOff = Integer.MAX_VALUE;

    assertThatThrownBy(() -> newRun(experiment))
        .isInstanceOfSatisfying(
            DynamoDbException.class, e -> assertThat(e.isThrottlingException()).isTrue());
  }

  private Experiment experiment() {
    return experiments.get(experiments.create("e", "", new TreeMap<>(), "somebody"));
  }

  private String newRun(Experiment experiment) {
    return runs.create(experiment, new Runs.Start("", 1, Optional.of("r"), new TreeMap<>())).id();
  }
}
