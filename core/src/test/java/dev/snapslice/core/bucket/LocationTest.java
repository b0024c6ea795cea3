package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/",
        "http://169.254.170.2",
        "http://[fe80::1]:9000",
        "http://[fd00:ec2::254]",
        "http://[::ffff:169.254.169.254]",
        "http://0.0.0.0:9000",
        "http://127.0.0.1:9001",
        "http://2852039166"
      })
  void refuses_addresses_that_hand_out_credentials(String endpoint) {
    assertThatThrownBy(() -> Endpoints.checkReachable(URI.create(endpoint), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takes_private_addresses_and_on_request_this_machine() {
    assertThatCode(() -> Endpoints.checkReachable(URI.create("https://10.1.2.3:9000"), false))
        .doesNotThrowAnyException();
    assertThatCode(() -> Endpoints.checkReachable(URI.create("http://127.0.0.1:9000"), true))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host", "//host", "http://u:p@host", "http://host?x", "file:///x"})
  void refuses_what_is_no_endpoint(String endpoint) {
    assertThatThrownBy(() -> new Location.OtherStore(URI.create(endpoint), "eu", "s"))
        .hasMessageContaining("is not an endpoint");
  }

  @Test
  void refuses_what_is_no_role() {
    assertThatThrownBy(() -> new Location.OtherAccount("arn:aws:iam::1:user/x", "id"))
        .hasMessageContaining("IAM role");
  }
}
