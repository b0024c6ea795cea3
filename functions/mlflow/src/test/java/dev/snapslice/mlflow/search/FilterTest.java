package dev.snapslice.mlflow.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
            new Column(Optional.of("metrics"), "`a b`"),
            new Column(Optional.of("tags"), "\"x.y\""),
            new Column(Optional.empty(), "run_id"),
            new Column(Optional.of("params"), "p"));
    assertThat(read)
        .extracting(Comparison::operator)
        .containsExactly(">=", "=", "NOT IN", "IS NOT NULL");
    assertThat(read.getFirst().value()).isEqualTo(new Comparison.Numeral("-1.5e3"));
    assertThat(((Comparison.Texts) read.get(2).value()).texts()).containsExactly("1", "2");
    assertThat(read).extracting(each -> each.column().key()).startsWith("a b", "x.y");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "'it''s' ~ it''s",
        "'it\\'s' ~ it\\'s",
        "'C:\\' ~ C:\\",
        "\"it's\" ~ it's",
        "\"a\"\"b\" ~ a\"\"b",
        "'' ~ ||"
      },
      delimiter = '~')
  void takes_what_is_in_quotes_as_it_stands(String written, String value) {
    assertThat(Filter.parse("tags.a = " + written))
        .extracting(Comparison::value)
        .containsExactly(new Comparison.Text(value, written));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "tags.'a b' ~ a b",
        "tags.'`a`' ~ a",
        "`tags`.a ~ a",
        "tags.a.'b' ~ a.'b'",
        "tags.`a``b` ~ a``b",
        "tags.1a ~ 1a",
        "tags.order ~ order",
        "tags. ~ ||"
      },
      delimiter = '~')
  void reads_keys_in_all_their_quotes(String written, String key) {
    Column column = Filter.parse(written + " = 'x'").getFirst().column();

    assertThat(column.plainEntity()).contains("tags");
    assertThat(column.key()).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AND a = 1 AND b = 2",
        "a = 1 AND b = 2 and",
        "a = 1 And And b = 2",
        "a = 1 b = 2",
        "a = 'x'b = 2",
        "a IS NULL b IS NOT NULL"
      })
  void takes_an_and_too_many_or_too_few(String filter) {
    assertThat(Filter.parse(filter)).hasSize(2);
  }

  @Test
  void reads_a_doubled_quote_in_a_list_as_python_does() {
    assertThat(Filter.parse("a IN ('it''s', \"it's\")").getFirst().value())
        .extracting("texts")
        .isEqualTo(List.of("its", "it's"));
  }

  @Test
  void reads_an_order_with_a_way_after_it_as_a_shell_would() {
    assertThat(Order.parse("`metrics`.'a b' DESC").column())
        .isEqualTo(new Column(Optional.of("metrics"), "a b"));
    assertThat(Order.parse("`metrics`.'a b'").column())
        .isEqualTo(new Column(Optional.of("`metrics`"), "'a b'"));
    assertThat(Order.parse("metrics.\"a\\\"b\" ASC").column().key()).isEqualTo("a\"b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a =",
        "= 1",
        "a = 1 OR b = 2",
        " ",
        "a = 1 b IS NULL",
        "a = 'x' b IN ('y')",
        "a = +1",
        "a = AND b = 1",
        "a = 1e+5",
        "a = 1.e5",
        "a = 1a",
        "a = 12a",
        "tags.in = 'x'",
        "tags.1 = 'x'",
        "tags.12a = 'x'",
        "tags.a$ = 'x'",
        "tags.'a'.b = 'x'",
        "a IS NOT  NULL",
        "a = ''x''",
        "a IN ('\\n')",
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
    assertThatNoException()
        .isThrownBy(() -> Filter.parse("a = '" + "it''s\\' ".repeat(99_999) + "'"));
    assertThatNoException().isThrownBy(() -> Order.parse(column + " DESC"));
  }
}
