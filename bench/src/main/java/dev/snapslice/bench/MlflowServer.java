package dev.snapslice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A tracking server, ours or MLflow's own, and what a client asks of it, over connections that the
 * JDK keeps: its older client does the least work of its own. Thread-safe.
 */
final class MlflowServer implements MlflowLoad.Operations {
  private final URI url;

  MlflowServer(URI url) {
    this.url = url;
  }

  /** A GET of an operation's path under the API, and its query. */
  JsonNode get(String path, Map<String, String> query) throws IOException {
    StringBuilder asked = new StringBuilder(path).append('?');
    query.forEach((name, value) ->
        asked
            .append(name)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
            .append('&'));
    return answer(connection(asked.toString()));
  }

  @Override
  public JsonNode post(String path, Object message) throws IOException {
    byte[] body = Json.write(message).getBytes(StandardCharsets.UTF_8);
    HttpURLConnection connection = connection(path);
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.length);
    try (var out = connection.getOutputStream()) {
      out.write(body);
    }
    return answer(connection);
  }

  private HttpURLConnection connection(String path) throws IOException {
    var connection =
        (HttpURLConnection) url.resolve("/api/2.0/mlflow/" + path).toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer bench");
    return connection;
  }

  private static JsonNode answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream body =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      byte[] read = body.readAllBytes();
      if (status != 200) {
        throw new IOException(
            connection.getURL() + " answered " + new String(read, StandardCharsets.UTF_8));
      }
      return Json.MAPPER.readTree(read);
    }
  }
}
