package dev.snapslice.mlflow;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.ConsumedCapacity.Total;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What every call costs, as {@code docs/mlflow-costs.md} tells it. {@code
 * -Dsnapslice.writeCosts=true} writes that file anew.
 */
final class EveryCallCostTest {
  private static final Path TOLD = Path.of("../../docs/mlflow-costs.md");

  /** Who asks and the webhooks are looked up, and the default experiment is there. */
  private static final List<String> BEFORE =
      List.of(
          "POST 2.0/mlflow/registered-models/set-tag {name: 'a', key: 't', value: '1'}",
          "GET 2.0/mlflow/experiments/get {experiment_id: '0'}");

  private static final String HEAD =
      """
      # What each call of MLflow costs

      Requests to DynamoDB, with the units that DynamoDB Local reports; for transactions 2 WCU an item, as AWS counts. Items
      are small: a head of 1 KB, a run with one metric. The function knows who asks and the webhooks, which it reads once in five
      seconds, and nothing of what the call is about. A webhook listens to new models, new versions, and tags of versions and
      prompts. What a word like `$r` stands for is made by `Everything.java`.

      `EveryCallCostTest` compares this table with what is so, and writes it with `-Dsnapslice.writeCosts=true`.

      | call | RCU | WCU | requests |
      |---|---|---|---|
      """;

  private final ConsumedCapacity consumed = new ConsumedCapacity();
  private final TrackingTable plain =
      new TrackingTable(LocalDynamo.client(), LocalDynamo.newCatalogTable());
  private final Everything everything = new Everything(new InProcess(Permission.MANAGE, plain));
  private final SavedItems saved = new SavedItems(plain);
  private final TrackingTable table =
      new TrackingTable(new ObservedDynamo(LocalDynamo.client(), consumed), plain.name());

  private Total cost(Everything.Call call, Integer... statuses) {
    saved.restore();
    InProcess mlflow = InProcess.later(table, 1);
    BEFORE.forEach(line -> Everything.ask(mlflow, everything.call(line)));
    Total before = consumed.total();
    assertThat(Everything.ask(mlflow, call).status()).as("%s", call).isIn((Object[]) statuses);
    return consumed.total().minus(before);
  }

  private static String row(Everything.Call call, Total cost) {
    return "| `%s` | %s | %s | %d |\n"
        .formatted(call, cost.reads(), cost.writes(), cost.requests());
  }

  @Test
  void every_call_costs_what_is_told() throws IOException {
    String is =
        Stream.concat(
                everything.changes().stream().map(call -> row(call, cost(call, 200))),
                everything.reads().stream().map(call -> row(call, cost(call, 200, 404))))
            .collect(joining("", HEAD, ""));

    if (Boolean.getBoolean("snapslice.writeCosts")) {
      Files.writeString(TOLD, is);
    }

    assertThat(is).isEqualTo(Files.readString(TOLD));
  }
}
