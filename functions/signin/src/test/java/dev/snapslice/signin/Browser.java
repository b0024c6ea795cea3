package dev.snapslice.signin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.GatewayEvent;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Keeps cookies, and asks as a browser behind CloudFront and API Gateway does. */
final class Browser {
  private static final String SESSION = "__Host-snapslice-session";

  private final SignIn signIn;
  private final Map<String, String> cookies = new HashMap<>();

  Browser(SignIn signIn) {
    this.signIn = signIn;
  }

  Answer get(String path, Map<String, String> query) {
    return ask("GET", path, query, Map.of());
  }

  /** Begins to sign in: where it is sent. */
  URI begin() {
    return URI.create(get("/auth/login", Map.of("return", "/")).headers().get("location"));
  }

  /** Comes back from the provider. */
  Answer back(URI authorization, String code) {
    String state = TestProvider.fields(authorization.getRawQuery()).get("state");
    return get("/auth/callback", Map.of("state", state, "code", code));
  }

  Answer ask(String method, String path, Map<String, String> query, Map<String, String> more) {
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.put("rawPath", path).put("routeKey", method + " " + path);
    event.putObject("requestContext").putObject("http").put("method", method);
    event.set("queryStringParameters", Json.MAPPER.valueToTree(query));
    ObjectNode headers = event.putObject("headers");
    more.forEach(headers::put);
    if (cookies.containsKey(SESSION)) {
      headers.put("authorization", "Session " + cookies.get(SESSION));
    }
    cookies.forEach((name, value) -> {
      if (!name.equals(SESSION)) {
        event.withArray("/cookies").add(name + "=" + value);
      }
    });
    Answer answer = signIn.answer(new GatewayEvent(event));
    for (String cookie : answer.cookies()) {
      String[] pair = cookie.split(";", 2)[0].split("=", 2);
      cookies.put(pair[0], pair[1]);
      if (pair[1].isEmpty()) {
        cookies.remove(pair[0]);
      }
    }
    return answer;
  }

  String session() {
    return cookies.getOrDefault(SESSION, "");
  }

  String names() {
    return cookies.keySet().stream().sorted().collect(Collectors.joining(" "));
  }
}
