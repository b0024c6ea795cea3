package dev.snapslice.mlflow.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.webhooks.CheckedSockets.NotPublicException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1"
      })
  void an_address_of_no_public_network_is_refused(String address) {
    assertThat(PublicAddress.is(InetAddress.ofLiteral(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"})
  void a_public_address_is_let_through(String address) {
    assertThat(PublicAddress.is(InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com",
        "file:///etc/passwd",
        "https://localhost/",
        "https://127.0.0.1:8443/x",
        "https://[::1]/",
        "https://2130706433/",
        "https://169.254.169.254/latest/meta-data"
      })
  void nothing_may_be_sent_into_ones_own_network(String url) {
    assertThatThrownBy(() -> Destination.PUBLIC.check(url)).isInstanceOf(MlflowException.class);
  }

  @Test
  void a_name_that_leads_elsewhere_than_it_did_is_left_before_anything_is_sent()
      throws IOException {
    CheckedSockets sockets = new CheckedSockets((SSLSocketFactory) SSLSocketFactory.getDefault());
    try (ServerSocket inside = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket connected = new Socket(inside.getInetAddress(), inside.getLocalPort())) {

      assertThatThrownBy(() -> sockets.createSocket(connected, "example.com", 443, true))
          .isInstanceOf(NotPublicException.class);

      assertThat(connected.isClosed()).isTrue();
    }
  }
}
