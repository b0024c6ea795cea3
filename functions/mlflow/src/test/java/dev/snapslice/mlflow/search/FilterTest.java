package dev.snapslice.mlflow.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {

  @Test
  void reads_columns_in_all_their_quotes_and_values_of_all_kinds() {
    List<Comparison> read =
        Filter.parse(
            "metrics.`a b` >= -1.5e3 AND tags.\"x.y\" = 'it' and run_id NOT IN ('1', \"2\",)"
                + " AND params.p IS NOT NULL");

    assertThat(read)
        .extracting(Comparison::column)
        .containsExactly(
            new Column(Optional.of("metrics"), "a b"),
            new Column(Optional.of("tags"), "x.y"),
            new Column(Optional.empty(), "run_id"),
            new Column(Optional.of("params"), "p"));
    assertThat(read)
        .extracting(Comparison::operator)
        .containsExactly(">=", "=", "NOT IN", "IS NOT NULL");
    assertThat(read.getFirst().value()).isEqualTo(new Comparison.Numeral("-1.5e3"));
    assertThat(((Comparison.Texts) read.get(2).value()).texts()).containsExactly("1", "2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a =",
        "= 1",
        "a = 1 OR b = 2",
        "a = 1 b = 2",
        "a = ('1')",
        "a LIKE ('1')",
        "a IN '1'",
        "a IN ()",
        "a IN (1)",
        "a = 'open",
        "a = 1; b = 2",
        "a IS 1",
        "a NOT '1'",
        "'a' = 'b'"
      })
  void refuses_what_is_no_filter(String filter) {
    assertThatExceptionOfType(MlflowException.class).isThrownBy(() -> Filter.parse(filter));
  }

  @Test
  void reads_long_filters_without_recursion() {
    String column = "a" + ".a".repeat(200_000);

    assertThatNoException().isThrownBy(() -> Filter.parse(column + " = 1"));
    assertThatNoException().isThrownBy(() -> Order.parse(column + " DESC"));
  }

  @Test
  @Timeout(5)
  void matches_patterns_in_time_that_no_pattern_drives_up() {
    String text = "a".repeat(8_000);
    Comparison.Text pattern = new Comparison.Text("%a".repeat(500) + "b", "");

    assertThat(Operators.holds("LIKE", text, pattern)).isFalse();
  }

  @Property(tries = 2_000)
  void matches_patterns_as_sql_does(
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 8) String text,
      @ForAll @Chars({'a', 'b', '%', '_', 'B'}) @StringLength(max = 8) String pattern) {
    String expression = pattern.replace("%", ".*").replace("_", ".");
    Comparison.Text wanted = new Comparison.Text(pattern, "");

    assertThat(Operators.holds("LIKE", text, wanted)).isEqualTo(Pattern.matches(expression, text));
    assertThat(Operators.holds("ilike", text.toUpperCase(Locale.ROOT), wanted))
        .isEqualTo(Pattern.compile(expression, Pattern.CASE_INSENSITIVE).matcher(text).matches());
  }
}
