package dev.snapslice.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class LocalDynamoTest {
  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void a_table_can_be_used_after_threads_were_interrupted_in_their_calls() throws Exception {
    String table = LocalDynamo.newCatalogTable();

    for (int round = 0; round < 200; round++) {
      List<Thread> writers =
          IntStream.range(0, 8)
              .mapToObj(i -> Thread.ofVirtual().start(() -> put(table, "before")))
              .toList();
      Thread.sleep(round % 6);
      writers.forEach(Thread::interrupt);
      for (Thread writer : writers) {
        writer.join();
      }
    }
    put(table, "after");

    assertThat(LocalDynamo.client().scan(r -> r.tableName(table)).count()).isEqualTo(2);
  }

  private static void put(String table, String key) {
    var item = Map.of("pk", AttributeValue.fromS(key), "sk", AttributeValue.fromS("-"));
    LocalDynamo.client().putItem(r -> r.tableName(table).item(item));
  }
}
