package dev.snapslice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The X-Ray daemon beside a function ({@code AWS_XRAY_DAEMON_ADDRESS}). What is sent may be lost,
 * and where there is no daemon, it is.
 *
 * @see <a href="https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html">Sending
 *     trace data</a>
 */
final class TraceDaemon {
  private static final Logger log = LoggerFactory.getLogger(TraceDaemon.class);
  private static final String HEADER = "{\"format\":\"json\",\"version\":1}\n";

  private TraceDaemon() {}

  static void send(String document) {
    String address = System.getenv("AWS_XRAY_DAEMON_ADDRESS");
    if (address != null) {
      send(document, address(address));
    }
  }

  static void send(String document, SocketAddress daemon) {
    byte[] data = (HEADER + document).getBytes(UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(data, data.length, daemon));
    } catch (IOException e) {
      log.debug("a span is lost", e);
    }
  }

  private static SocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
