package dev.snapslice.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3MessageTest {
  private static final String VERSION =
      "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo";
  private static final String ETAG = "b1946ac92492d2347c6235b4d2611184";

  @Test
  void a_put_creates_a_version_under_its_decoded_key() {
    Parsed.Fact fact = fact("s3-put");

    assertThat(fact.bucket()).isEqualTo("camera-frames");
    assertThat(fact.event())
        .isEqualTo(
            new VersionEvent(
                new ObjectKey("day 1/café + tea.jpg"),
                VERSION,
                Kind.CREATED,
                Instant.parse("2026-11-23T10:15:30.123Z"),
                "0065F0B8D1A2C3E4F5",
                ETAG,
                1_048_576,
                Source.EVENT));
  }

  @Test
  void an_EventBridge_event_has_its_key_as_it_is_and_whole_seconds() {
    assertThat(fact("eventbridge-object-created").event())
        .isEqualTo(
            new VersionEvent(
                new ObjectKey("day 1/café + tea 100%.jpg"),
                "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                Kind.CREATED,
                Instant.parse("2026-11-23T10:15:30Z"),
                "617f08299329d189",
                ETAG,
                1_048_576,
                Source.EVENTBRIDGE));
  }

  @Test
  void a_multipart_upload_may_be_larger_than_an_int_can_say() {
    VersionEvent event = fact("s3-multipart").event();

    assertThat(event.size()).isEqualTo(5_368_709_121L);
    assertThat(event.etag()).endsWith("-641");
  }

  @Test
  void MinIO_wraps_its_records_and_escapes_slashes() {
    Parsed.Fact fact = fact("minio-put");

    assertThat(fact.bucket()).isEqualTo("camera-frames");
    assertThat(fact.event().key()).isEqualTo(new ObjectKey("day 1/café.jpg"));
    assertThat(fact.event().kind()).isEqualTo(Kind.CREATED);
  }

  @Test
  void MinIO_leaves_out_the_size_of_an_empty_object() {
    String message = TestEvents.read("minio-put").replace("\"size\": 6,", "");

    Parsed.Fact fact = (Parsed.Fact) S3Message.parse(message).getFirst();

    assertThat(fact.event().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "s3-copy, CREATED",
    "s3-delete-marker, MARKER",
    "s3-lifecycle-expiration-marker, MARKER",
    "eventbridge-delete-marker, MARKER",
    "s3-delete-version, REMOVED",
    "s3-lifecycle-expiration-delete, REMOVED",
    "eventbridge-delete-version, REMOVED",
    "eventbridge-lifecycle-expiration, REMOVED",
  })
  void every_event_has_its_kind(String file, Kind kind) {
    assertThat(fact(file).event().kind()).isEqualTo(kind);
  }

  @Test
  void a_delete_marker_has_neither_the_ETag_nor_the_size_that_S3_sends() {
    VersionEvent event = fact("s3-delete-marker").event();

    assertThat(event.etag()).isEmpty();
    assertThat(event.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3-put-null-version", "s3-delete-null-version"})
  void without_a_version_id_it_is_the_null_version(String file) {
    assertThat(fact(file).event().versionId()).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "s3-test-event, s3:TestEvent",
    "s3-restore-completed, ObjectRestore:Completed",
    "eventbridge-tags-added, Object Tags Added",
  })
  void what_makes_no_history_is_ignored_under_its_name(String file, String name) {
    assertThat(S3Message.parse(TestEvents.read(file))).containsExactly(new Parsed.Ignored(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ObjectRestore:Post",
        "ObjectTagging:Put",
        "ObjectAcl:Put",
        "LifecycleTransition",
        "IntelligentTiering",
        "Replication:OperationFailedReplication",
        "s3:ObjectCreated:PutTagging",
        "ObjectInvented:Tomorrow",
      })
  void an_event_is_ignored_by_its_name_alone(String name) {
    String body = "{\"Records\":[{\"eventName\":\"%s\"}]}".formatted(name);

    assertThat(S3Message.parse(body)).containsExactly(new Parsed.Ignored(name));
  }

  @Test
  void a_message_without_records_tells_nothing() {
    assertThat(S3Message.parse("{\"Records\":[]}")).isEmpty();
  }

  @Test
  void one_bad_record_spoils_its_message() {
    String good = record("ObjectCreated:Put", "a", "2026-11-23T10:15:30.123Z");
    String bad = record("ObjectCreated:Put", "%FF", "2026-11-23T10:15:30.123Z");
    String body = "{\"Records\":[%s,%s]}".formatted(good, bad);

    assertThatThrownBy(() -> S3Message.parse(body))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("Records[1].s3.object.key is no UTF-8");
  }

  @Test
  void a_key_of_1024_bytes_is_read_and_one_of_1025_refused() {
    String longest = "é".repeat(512);
    String time = "2026-11-23T10:15:30.123Z";

    List<Parsed> parsed =
        S3Message.parse(
            "{\"Records\":[%s]}"
                .formatted(record("ObjectCreated:Put", "%C3%A9".repeat(512), time)));

    assertThat(((Parsed.Fact) parsed.getFirst()).event().key().value()).isEqualTo(longest);
    assertThatThrownBy(() ->
            S3Message.parse(
                "{\"Records\":[%s]}"
                    .formatted(record("ObjectCreated:Put", "a" + "%C3%A9".repeat(512), time))))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("this one has 1025");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "{}",
        "{\"Records\":{}}",
        "{\"Records\":[7]}",
        "{\"Records\":[{}]}",
        "{\"Records\":[{\"eventName\":\"ObjectCreated:Put\"}]}",
        "{\"Records\":[",
        "{\"source\":\"aws.ec2\"}",
        "{\"source\":\"aws.s3\"}",
        "{\"source\":\"aws.s3\",\"detail-type\":\"Object Deleted\",\"detail\":{}}",
      })
  void what_S3_does_not_send_is_malformed(String body) {
    assertThatThrownBy(() -> S3Message.parse(body)).isInstanceOf(MalformedMessageException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026-11-23T10:15:30",
        "1969-12-31T23:59:59.999Z",
        "+10000-01-01T00:00:00Z",
      })
  void a_time_without_an_offset_or_out_of_range_is_malformed(String time) {
    String body = "{\"Records\":[%s]}".formatted(record("ObjectCreated:Put", "a", time));

    assertThatThrownBy(() -> S3Message.parse(body))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("eventTime");
  }

  @ParameterizedTest
  @CsvSource({
    "\"size\":1, \"size\":-1",
    "\"size\":1, \"size\":1.5",
    "\"size\":1, \"size\":\"1\"",
    "\"size\":1, \"size\":99999999999999999999",
    "\"size\":1, \"length\":1",
    "\"sequencer\":\"0A\", \"sequencer\":\"XY\"",
    "\"key\":\"a\", \"key\":\"\"",
    "\"key\":\"a\", \"key\":7",
    "\"name\":\"frames\", \"name\":\"a/b\"",
  })
  void a_value_that_cannot_be_is_malformed(String good, String bad) {
    String record = record("ObjectCreated:Put", "a", "2026-11-23T10:15:30.123Z");
    assertThat(record).contains(good);

    assertThatThrownBy(
            () -> S3Message.parse("{\"Records\":[%s]}".formatted(record.replace(good, bad))))
        .isInstanceOf(MalformedMessageException.class);
  }

  private static String record(String name, String key, String time) {
    return """
    {"eventName":"%s","eventTime":"%s","s3":{"bucket":{"name":"frames"},"object":\
    {"key":"%s","size":1,"eTag":"e","versionId":"v","sequencer":"0A"}}}\
    """
        .formatted(name, time, key);
  }

  private static Parsed.Fact fact(String file) {
    List<Parsed> parsed = S3Message.parse(TestEvents.read(file));
    assertThat(parsed).hasSize(1);
    return (Parsed.Fact) parsed.getFirst();
  }
}
