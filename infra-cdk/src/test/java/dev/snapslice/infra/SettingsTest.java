package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.App;

class SettingsTest {
  private static Settings of(Map<String, Object> choices) {
    return Settings.from(App.Builder.create().context(choices).build().getNode());
  }

  @Test
  void protects_data_and_reaches_every_bucket_unless_told_otherwise() {
    Settings settings = of(Map.of());

    assertThat(settings.name()).isEqualTo("Snapslice");
    assertThat(settings.protect()).isTrue();
    assertThat(settings.buckets()).containsExactly("*");
    assertThat(settings.bucketAccounts()).isEmpty();
    assertThat(settings.ingestConcurrency()).contains(50);
    assertThat(settings.alarmEmail()).isEmpty();
  }

  @Test
  void reads_lists_from_the_command_line_and_from_the_file() {
    assertThat(of(Map.of("buckets", "films, music,")).buckets()).containsExactly("films", "music");
    assertThat(of(Map.of("buckets", List.of("films", "music"))).buckets())
        .containsExactly("films", "music");
  }

  @Test
  void reserves_no_runs_where_an_account_has_none_to_spare() {
    assertThat(of(Map.of("ingestConcurrency", "0")).ingestConcurrency()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "name, my-snapslice, a capital",
    "protect, yes, want true or false",
    "ingestConcurrency, 1, want 0",
    "ingestConcurrency, many, want a whole number",
    "bucketAccounts, 1234, number of 12 digits",
    "bucketKeys, films, ARN of a KMS key",
    "buckets, Films!, name of a bucket",
    "jwtIssuer, http://example.com, an https URL",
    "mlflowDomain, MLflow, a domain in small letters",
  })
  void refuses_what_it_cannot_read_and_says_why(String key, String value, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of(key, value)))
        .withMessageContaining(key)
        .withMessageContaining(value)
        .withMessageContaining(why);
  }

  @Test
  void misses_a_jar_that_was_not_built_unless_there_is_a_stand_in() {
    Settings strict = of(Map.of("functions", "nowhere"));
    Settings lenient = of(Map.of("functions", "nowhere", "placeholder", "src/main/java"));

    assertThatIllegalStateException()
        .isThrownBy(() -> strict.jar("ingest"))
        .withMessageContaining("run mvn");
    assertThat(lenient.jar("ingest")).isEqualTo(Path.of("src/main/java"));
  }
}
