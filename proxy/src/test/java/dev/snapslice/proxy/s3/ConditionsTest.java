package dev.snapslice.proxy.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent.Source;
import dev.snapslice.core.view.Address;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.s3.Conditions.Verdict;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A version with the ETag {@code abc}, made half a second after noon. */
class ConditionsTest {
  private static final Version VERSION =
      new Version(
          new ObjectKey("a"),
          "v1",
          false,
          Instant.parse("2026-11-24T12:00:00.500Z"),
          "",
          "abc",
          1,
          Source.EVENT,
          Optional.empty());

  @ParameterizedTest
  @CsvSource({
    // if-match, if-unmodified-since, if-none-match, if-modified-since (seconds after noon)
    ", , , , SEND",
    "\"abc\", , , , SEND",
    "abc, , , , SEND",
    "*, , , , SEND",
    "\"x\", , , , FAILED",
    ", 0, , , SEND",
    ", -1, , , FAILED",
    "\"abc\", -1, , , SEND",
    ", , \"abc\", , NOT_MODIFIED",
    ", , W/\"abc\", , NOT_MODIFIED",
    ", , \"x\", , SEND",
    ", , , 0, NOT_MODIFIED",
    ", , , -1, SEND",
    ", , \"x\", 0, SEND",
    ", , \"abc\", -1, NOT_MODIFIED",
    "\"x\", , \"abc\", , FAILED",
    "\"abc\", , \"abc\", , NOT_MODIFIED",
  })
  void go_together_as_S3_documents(
      String match, Integer unmodified, String noneMatch, Integer modified, Verdict verdict) {
    Map<String, List<String>> headers = new HashMap<>();
    put(headers, "if-match", match);
    put(headers, "if-unmodified-since", date(unmodified));
    put(headers, "if-none-match", noneMatch);
    put(headers, "if-modified-since", date(modified));

    assertThat(Conditions.judge(request(headers), VERSION)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({"if-modified-since, yesterday", "if-unmodified-since, 2026-11-24"})
  void count_for_nothing_where_a_date_cannot_be_read(String header, String value) {
    S3Request request = request(Map.of(header, List.of(value)));

    assertThat(Conditions.judge(request, VERSION)).isEqualTo(Verdict.SEND);
  }

  private static S3Request request(Map<String, List<String>> headers) {
    return S3Request.of(
        new RawRequest("GET", "/films/a", "", headers),
        new Caller("ann", Grant.everywhere(Role.READER)),
        new Address("films", "films", Optional.empty(), "a"));
  }

  private static void put(Map<String, List<String>> headers, String name, String value) {
    if (value != null) {
      headers.put(name, List.of(value));
    }
  }

  private static String date(Integer seconds) {
    return seconds == null
        ? null
        : "Tue, 24 Nov 2026 %s GMT".formatted(seconds < 0 ? "11:59:59" : "12:00:00");
  }
}
