package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunMomentTest {
  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00.123Z");

  @Test
  void is_now_unless_a_tag_asks_for_another() {
    assertThat(RunMoment.of(Map.of("a", "b"), NOW)).isEqualTo(new RunMoment(NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tm20261126090000", "2026-11-26T10:00:00+01:00", "1795683600000"})
  void is_the_past_moment_that_a_tag_asks_for_in_any_form(String text) {
    assertThat(RunMoment.of(Map.of(RunMoment.TAG, text), NOW).toString())
        .isEqualTo("tm20261126090000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "now",
        "tm20261126100000124",
        "2026-11-26T10:00:01Z",
        "tm20261126",
        "-1",
        "-0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "+12026-01-01T00:00:00Z"
      })
  void is_no_moment_that_cannot_be_read_or_has_not_come_or_never_was(String text) {
    assertThatThrownBy(() -> RunMoment.of(Map.of(RunMoment.TAG, text), NOW))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining(RunMoment.TAG);
  }
}
