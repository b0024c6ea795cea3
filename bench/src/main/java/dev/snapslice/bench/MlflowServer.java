package dev.snapslice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A tracking server, ours or MLflow's own, and what a client asks of it. Thread-safe. */
final class MlflowServer {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;

  MlflowServer(URI url) {
    this.url = url;
  }

  /** A GET of an operation's path under the API, and its query. */
  JsonNode get(String path, Map<String, String> query) throws IOException, InterruptedException {
    StringBuilder asked = new StringBuilder(path).append('?');
    query.forEach((name, value) ->
        asked
            .append(name)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
            .append('&'));
    return send(request(asked.toString()).GET().build());
  }

  JsonNode post(String path, Object message) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(Json.write(message)))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(url.resolve("/api/2.0/mlflow/" + path))
        .header("Authorization", "Bearer bench");
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(
          request.uri() + " answered " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return Json.MAPPER.readTree(answer.body());
  }
}
