package dev.snapslice.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormEncodingTest {

  @Property
  void what_was_encoded_as_a_form_is_read_back(@ForAll("keys") String key) {
    assertThat(FormEncoding.decode("key", URLEncoder.encode(key, UTF_8))).isEqualTo(key);
  }

  @Property
  void slashes_may_be_left_as_they_are(@ForAll("keys") String key) {
    String encoded = URLEncoder.encode(key, UTF_8).replace("%2F", "/");

    assertThat(FormEncoding.decode("key", encoded)).isEqualTo(key);
  }

  /** Any text of Unicode characters, control characters and those beyond 16 bits included. */
  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.integers()
        .between(0, Character.MAX_CODE_POINT)
        .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
        .list()
        .ofMaxSize(40)
        .map(points -> {
          StringBuilder text = new StringBuilder();
          points.forEach(text::appendCodePoint);
          return text.toString();
        });
  }

  @Example
  void a_plus_is_a_space_and_an_escaped_plus_is_a_plus() {
    assertThat(FormEncoding.decode("key", "a+b%2Bc%2fd")).isEqualTo("a b+c/d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "a%2", "%zz", "%+1", "%2%20"})
  void an_incomplete_escape_is_refused(String encoded) {
    assertThatThrownBy(() -> FormEncoding.decode("key", encoded))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("key has a % that two hexadecimal digits do not follow");
  }

  /** A lone continuation, an overlong slash, a surrogate, a cut character, Latin-1. */
  @ParameterizedTest
  @ValueSource(strings = {"%80", "%C0%AF", "%ED%A0%80", "caf%C3", "caf%E9.jpg"})
  void what_is_no_UTF_8_is_refused(String encoded) {
    assertThatThrownBy(() -> FormEncoding.decode("key", encoded))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("key is no UTF-8");
  }
}
