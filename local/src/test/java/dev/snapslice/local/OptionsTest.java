package dev.snapslice.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @Test
  void takes_what_is_given_and_its_own_for_the_rest() {
    Options options = Options.parse("--aws-port", "5000", "--tick-seconds", "1");

    assertEquals(5000, options.awsPort());
    assertEquals(4567, options.dynamoDbPort());
    assertEquals(Duration.ofSeconds(1), options.tick());
  }

  @ParameterizedTest
  @CsvSource({
    "--port, 5000, is no option",
    "--aws-port, http, want a number",
    "--api-port, 65535, to 65534",
    "--tick-seconds, 0, from 1",
  })
  void refuses_what_it_cannot_use(String name, String value, String why) {
    var refused = assertThrows(IllegalArgumentException.class, () -> Options.parse(name, value));

    assertTrue(refused.getMessage().contains(name), refused.getMessage());
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }

  @Test
  void names_the_option_that_moves_a_taken_port() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Options options = Options.parse("--dynamodb-port", "" + taken.getLocalPort());

      var refused = assertThrows(IllegalArgumentException.class, options::checkPorts);

      assertTrue(refused.getMessage().contains("port " + taken.getLocalPort() + " is taken"));
      assertTrue(refused.getMessage().contains("--dynamodb-port"));
    }
  }
}
