package dev.snapslice.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** S3 takes keys of 1,024 bytes, which is also all that DynamoDB takes of a sort key. */
class LongestKeyTest {
  private static final Instant START = Instant.parse("2026-11-24T09:00:00Z");
  private static final ObjectKey KEY = new ObjectKey("z".repeat(ObjectKey.MAX_BYTES));

  private final TimeIndex index =
      new TimeIndex(LocalDynamo.client(), LocalDynamo.newIndexTable(), () -> START.plusSeconds(60));

  @Test
  void reads_a_key_that_fills_a_sort_key() {
    index.create("films");
    index.record(
        "films",
        List.of(event("v1", Kind.CREATED, START), event("v2", Kind.MARKER, START.plusSeconds(2))));

    ObjectView before = index.snapshot("films", START.plusSeconds(1));

    assertInstanceOf(Lookup.Found.class, before.lookup(KEY));
    assertEquals(1, before.list(ListRequest.recursive(KEY.value())).items().size());
    assertEquals(
        0, before.list(new ListRequest("", "", Cursor.afterKey(KEY.value()), 10)).items().size());
    assertInstanceOf(
        Lookup.Deleted.class, index.snapshot("films", START.plusSeconds(3)).lookup(KEY));
    assertEquals(
        List.of("v2", "v1"), index.history("films", KEY).stream().map(Version::versionId).toList());
  }

  private static VersionEvent event(String version, Kind kind, Instant time) {
    return new VersionEvent(KEY, version, kind, time, "00", "", 0, Source.EVENT);
  }
}
