package dev.snapslice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracingTest {
  private static final String PROPERTY = "com.amazonaws.xray.traceHeader";
  private static final String TRACE = "1-5759e988-bd862e3fe1be46a994272793";

  private DatagramSocket daemon;

  @BeforeEach
  void listen() throws IOException {
    daemon = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    daemon.setSoTimeout(10_000);
    System.setProperty(PROPERTY, "Root=" + TRACE + ";Parent=53995c3f42cd8ad8;Sampled=1");
  }

  @AfterEach
  void close() {
    daemon.close();
    System.clearProperty(PROPERTY);
  }

  @Test
  void a_call_lies_within_its_invocation_and_that_within_what_Lambda_began() throws IOException {
    Subsegment invocation = Subsegment.ofInvocation("batch", this::send);
    Subsegment call = Subsegment.ofCall("DynamoDB", this::send);
    call.end(true, "GetItem");
    invocation.end(false);

    JsonNode inner = receive();
    JsonNode outer = receive();

    assertThat(outer.path("trace_id").asText()).isEqualTo(TRACE);
    assertThat(outer.path("parent_id").asText()).isEqualTo("53995c3f42cd8ad8");
    assertThat(outer.path("fault").asBoolean()).isFalse();
    assertThat(outer.path("end_time").asDouble())
        .isGreaterThanOrEqualTo(outer.path("start_time").asDouble());
    assertThat(inner.path("parent_id").asText()).isEqualTo(outer.path("id").asText());
    assertThat(inner.path("namespace").asText()).isEqualTo("aws");
    assertThat(inner.path("aws").path("operation").asText()).isEqualTo("GetItem");
    assertThat(inner.path("fault").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        "Root=x;Parent=53995c3f42cd8ad8;Sampled=1",
        ""
      })
  void a_trace_that_nobody_samples_gets_no_spans(String header) {
    assertThat(TraceHeader.parse(header)).isEmpty();
  }

  private void send(String document) {
    TraceDaemon.send(document, daemon.getLocalSocketAddress());
  }

  private JsonNode receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
    daemon.receive(packet);
    String[] lines = new String(packet.getData(), 0, packet.getLength(), UTF_8).split("\n", -1);
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).isEqualTo("{\"format\":\"json\",\"version\":1}");
    return new ObjectMapper().readTree(lines[1]);
  }
}
