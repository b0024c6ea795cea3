package dev.snapslice.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.testing.Crash;
import dev.snapslice.core.testing.Crash.CrashedException;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** One page that becomes more pages than DynamoDB writes in one transaction. */
class RunTest {
  private static final int ROWS = 1_000;
  private static final int PAGE_BYTES = 256;

  private final Crash crash = new Crash();
  private final Run run =
      new Run(
          new IndexTable(
              crash.over(DynamoDbClient.class, LocalDynamo.client()), LocalDynamo.newIndexTable()),
          "tablet",
          Run.Order.DELTA,
          0,
          0,
          PAGE_BYTES);

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void hides_no_row_when_killed_in_between_and_begun_again_with_more_of_them(int call) {
    List<Row> rows = rows(1);
    crash.at(call, true);
    assertThatThrownBy(() -> run.apply(List.of(), rows)).isInstanceOf(CrashedException.class);
    crash.restart();
    rows.addAll(rows(2).subList(0, ROWS / 3));
    run.apply(List.of(), rows);
    rows.addAll(rows(3));
    run.apply(List.of(), rows);

    for (Row row : rows.subList(0, ROWS)) {
      List<Row> ofKey = rows.stream().filter(other -> other.key().equals(row.key())).toList();
      assertThat(run.at(SortKeys.utf8(row.key()))).hasSameElementsAs(ofKey);
    }
  }

  private static List<Row> rows(int version) {
    return new ArrayList<>(
        IntStream.range(0, ROWS)
            .mapToObj(i ->
                new Row(
                    "key-%06d".formatted(i),
                    "v%d-%d".formatted(version, i),
                    Kind.CREATED,
                    version,
                    "",
                    "%032x".formatted(i * 7919L + version),
                    i,
                    Source.EVENT,
                    Row.NEVER))
            .toList());
  }
}
