package dev.snapslice.proxy.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 10, bytes=0-0",
    "bytes=3-, 10, bytes=3-9",
    "bytes=3-100, 10, bytes=3-9",
    "bytes=-3, 10, bytes=7-9",
    "bytes=-100, 10, bytes=0-9",
    "bytes=2-1000000000000000000000000000000, 10, bytes=2-9",
  })
  void keeps_within_the_object(String header, long size, String bytes) {
    assertThat(ByteRange.of(header, size).orElseThrow()).hasToString(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=1",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,3-4",
        "items=0-1",
        "bytes=0-1=2"
      })
  void counts_for_nothing_where_S3_cannot_read_it(String header) {
    assertThat(ByteRange.of(header, 10)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=10-, 10",
    "bytes=10-20, 10",
    "bytes=11-10, 10",
    "bytes=0-, 0",
    "bytes=0-0, 0",
    "bytes=-0, 10"
  })
  void is_refused_where_the_object_has_none_of_it(String header, long size) {
    assertThatThrownBy(() -> ByteRange.of(header, size))
        .isInstanceOfSatisfying(
            S3Error.class, error -> assertThat(error.code()).isEqualTo("InvalidRange"));
  }

  @Test
  void of_the_end_of_an_empty_object_is_all_of_it() {
    assertThat(ByteRange.of("bytes=-5", 0)).isEmpty();
  }
}
