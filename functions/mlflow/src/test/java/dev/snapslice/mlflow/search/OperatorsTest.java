package dev.snapslice.mlflow.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.Locale;
import java.util.function.Predicate;
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

class OperatorsTest {
  private static final String LONG = "ab".repeat(4_000);

  @Test
  @Timeout(5)
  void matches_patterns_in_time_that_no_pattern_drives_up() {
    assertThat(matching("LIKE", "%a".repeat(500) + "c").test(LONG)).isFalse();
  }

  @Property(tries = 2_000)
  void matches_patterns_as_sql_does(
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 8) String text,
      @ForAll @Chars({'a', 'b', '%', '_', 'B'}) @StringLength(max = 8) String pattern) {
    String expression = pattern.replace("%", ".*").replace("_", ".");

    assertThat(matching("LIKE", pattern).test(text)).isEqualTo(Pattern.matches(expression, text));
    assertThat(matching("ilike", pattern).test(text.toUpperCase(Locale.ROOT)))
        .isEqualTo(Pattern.compile(expression, Pattern.CASE_INSENSITIVE).matcher(text).matches());
  }

  @Test
  void finds_an_expression_anywhere_and_nothing_by_what_is_none() {
    assertThat(matching("RLIKE", "b(a|b)$").test(LONG)).isFalse();
    assertThat(matching("rlike", "^a.b").test("acb")).isTrue();
    assertThat(matching("RLIKE", "(").test("(")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a|b)*c", "(a+)+$", "(.*)*x$"})
  @Timeout(20)
  void refuses_an_expression_that_takes_too_much(String expression) {
    Predicate<String> finds = matching("RLIKE", expression);

    assertThatExceptionOfType(MlflowException.class)
        .isThrownBy(
            () -> finds.test(expression.startsWith("(a|") ? LONG : "a".repeat(8_000) + "b"));
  }

  @Test
  void bounds_a_search_and_not_one_text() {
    Predicate<String> finds = matching("RLIKE", "a.*c");

    assertThatExceptionOfType(MlflowException.class)
        .isThrownBy(() -> {
          for (int text = 0; text < 100; text++) {
            assertThat(finds.test(LONG)).isFalse();
          }
        });
  }

  private static Predicate<String> matching(String operator, String text) {
    return Operators.matching(operator, new Comparison.Text(text, text));
  }
}
