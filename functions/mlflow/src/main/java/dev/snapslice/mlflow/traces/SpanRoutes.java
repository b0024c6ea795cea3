package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Takes spans by OpenTelemetry's protocol over HTTP.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp">OTLP/HTTP</a>
 */
final class SpanRoutes {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String EXPERIMENT = "x-mlflow-experiment-id";
  private static final String RUN = "x-mlflow-run-id";

  /** Of what is compressed; no request is that large otherwise. */
  private static final int LARGEST_REQUEST = 32 * 1024 * 1024;

  private final Experiments experiments;
  private final Traces traces;
  private final Permissions permissions;

  SpanRoutes(Experiments experiments, Traces traces, Permissions permissions) {
    this.permissions = permissions;
    this.experiments = experiments;
    this.traces = traces;
  }

  void addTo(Routes routes) {
    routes.add("POST", "/v1/traces", this::take);
  }

  private Reply take(Call call) {
    try {
      Map<String, String> headers = call.event().headers();
      if (!headers.containsKey(EXPERIMENT)) {
        return missingHeader();
      }
      List<ReceivedSpans> received = ReceivedSpans.of(request(headers, call.event().body()));
      Experiment experiment = experiments.get(headers.get(EXPERIMENT));
      check(received, permissions.of(call.caller()));
      for (ReceivedSpans each : received) {
        traces.keep(experiment, each, headers.getOrDefault(RUN, ""));
      }
      return new Reply(200, PROTOBUF, "", Map.of());
    } catch (OtlpException e) {
      return e.reply();
    }
  }

  /** A trace may be in another experiment than spans of it are sent to. */
  private void check(List<ReceivedSpans> received, Access access) {
    if (access.everywhere(ResourceKind.EXPERIMENT, Permission.EDIT)) {
      return;
    }
    for (ReceivedSpans each : received) {
      Optional<String> experiment = traces.find(each.traceId()).map(Trace::experimentId);
      if (experiment.isPresent() && !permissions.mayIn(experiment.get(), Permission.EDIT, access)) {
        throw MlflowException.denied();
      }
    }
  }

  private static Reply missingHeader() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    ObjectNode detail = json.putArray("detail").addObject().put("type", "missing");
    detail.putArray("loc").add("header").add(EXPERIMENT);
    detail.put("msg", "Field required").putNull("input");
    return Reply.json(422, json);
  }

  private static ObjectNode request(Map<String, String> headers, byte[] body) throws OtlpException {
    String type = headers.getOrDefault("content-type", "None");
    boolean protobuf = type.split(";", -1)[0].strip().equals(PROTOBUF);
    if (!protobuf && !type.split(";", -1)[0].strip().equals("application/json")) {
      throw new OtlpException(
          400,
          "Invalid Content-Type: %s. Expected: application/x-protobuf or application/json"
              .formatted(type));
    }
    String encoding = headers.getOrDefault("content-encoding", "").toLowerCase(Locale.ROOT);
    byte[] plain = encoding.isEmpty() ? body : inflated(body, encoding);
    return protobuf ? OtlpReader.read(plain) : OtlpJson.read(plain);
  }

  private static byte[] inflated(byte[] body, String encoding) throws OtlpException {
    if (!encoding.equals("gzip") && !encoding.equals("deflate")) {
      throw new OtlpException(400, "Unsupported Content-Encoding: " + encoding);
    }
    ByteArrayInputStream in = new ByteArrayInputStream(body);
    try (InputStream inflating =
        encoding.equals("gzip") ? new GZIPInputStream(in) : new InflaterInputStream(in)) {
      byte[] plain = inflating.readNBytes(LARGEST_REQUEST + 1);
      if (plain.length > LARGEST_REQUEST) {
        throw new OtlpException(413, "the spans are more than 32 MB");
      }
      return plain;
    } catch (IOException e) {
      throw new OtlpException(400, "Failed to decompress %s payload".formatted(encoding));
    }
  }
}
