package dev.snapslice.proxy.webhdfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.proxy.webhdfs.HadoopToken.Identifier;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against real clients these are tried in test_hadoop.py. */
class HadoopTokenTest {

  /**
   * As Hadoop's {@code WritableUtils.writeVLong} writes it: 127 is 7f, 128 is 8f80, 1000 is 8e03e8.
   */
  @Test
  void writes_an_identifier_as_hadoop_does() {
    Identifier identifier =
        new Identifier("ann", "", Instant.ofEpochMilli(127), Instant.ofEpochMilli(1_000), 128);

    assertThat(HexFormat.of().formatHex(identifier.written()))
        .isEqualTo("00" + "03616e6e" + "00" + "00" + "7f" + "8e03e8" + "8f80" + "00");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 127, 128, 255, 256, 65_536, 1_795_612_345_678L, Long.MAX_VALUE >> 20})
  void reads_what_it_wrote(long millis) {
    Identifier identifier =
        new Identifier(
            "a name of some length, éü",
            "yarn",
            Instant.ofEpochMilli(millis),
            Instant.ofEpochMilli(millis),
            Integer.MAX_VALUE);
    HadoopToken token = new HadoopToken(identifier.written(), "password".getBytes(UTF_8));

    HadoopToken read = HadoopToken.parse(token.urlString()).orElseThrow();

    assertThat(Identifier.read(read.identifier())).isEqualTo(identifier);
    assertThat(read.password()).isEqualTo(token.password());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "AAAA", "gID_", "iP____________", "%%%", "f39_f39_"})
  void takes_nothing_else_for_a_token_that_could_prove_anything(String text) {
    assertThat(HadoopToken.parse(text).filter(token -> token.password().length > 20)).isEmpty();
  }
}
