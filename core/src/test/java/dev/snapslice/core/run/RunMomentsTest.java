package dev.snapslice.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.testing.LocalDynamo;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunMomentsTest {
  private static final String RUN = "0123456789abcdef0123456789abcdef";

  @Test
  void tells_the_moment_of_a_run_and_none_of_what_is_none() {
    String table = LocalDynamo.newCatalogTable();
    LocalDynamo.client()
        .putItem(r ->
            r.tableName(table)
                .item(
                    Map.of(
                        "pk",
                        fromS(RunMoments.partition(RUN)),
                        "sk",
                        fromS(RunMoments.HEAD),
                        RunMoments.MOMENT,
                        fromN("1795597200123"))));
    RunMoments runs = new RunMoments(LocalDynamo.client(), table);

    assertThat(runs.get(RUN)).contains(Instant.ofEpochMilli(1795597200123L));
    assertThat(runs.get("f".repeat(32))).isEmpty();
  }

  @Test
  void knows_a_spec_by_its_form_alone() {
    assertThat(RunMoments.runOf("run-" + RUN)).contains(RUN);
    for (String other : new String[] {RUN, "run-", "run-abc", "run-" + RUN + "0", "Run-" + RUN}) {
      assertThat(RunMoments.runOf(other)).as(other).isEmpty();
    }
  }
}
