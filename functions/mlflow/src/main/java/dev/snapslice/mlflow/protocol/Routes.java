package dev.snapslice.mlflow.protocol;

import dev.snapslice.mlflow.protocol.MlflowException.Code;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which operation answers which path. Every route of {@code /api/2.0} and {@code /api/3.0} is there
 * as {@code /ajax-api/…} as well, for browsers. Thread-safe once all routes are added.
 */
public final class Routes {
  private static final String API = "/api/";
  private static final String FOR_BROWSERS = "/ajax-api/";

  private final Map<String, Function<Call, Reply>> routes = new LinkedHashMap<>();

  /** What an operation answers to its message. */
  @FunctionalInterface
  public interface Operation {
    Reply answer(Message request);
  }

  /**
   * Adds an operation.
   *
   * @param method HTTP's
   * @param path with names in braces for parameters, a segment each
   */
  public Routes add(String method, String path, List<Field> fields, Operation operation) {
    return add(method, path, call -> operation.answer(call.message(fields)));
  }

  /** Adds what answers to a whole request. */
  public Routes add(String method, String path, Function<Call, Reply> answer) {
    if (routes.put(method + " " + path, answer) != null) {
      throw new IllegalStateException("two routes for " + method + " " + path);
    }
    return this;
  }

  /**
   * Answers a request.
   *
   * @throws MlflowException if it is refused
   */
  public Reply answer(Call call) {
    String path =
        call.path().startsWith(FOR_BROWSERS)
            ? API + call.path().substring(FOR_BROWSERS.length())
            : call.path();
    Function<Call, Reply> exact = routes.get(call.method() + " " + path);
    if (exact != null) {
      return exact.apply(call);
    }
    for (var route : routes.entrySet()) {
      Optional<Map<String, String>> named =
          match(route.getKey().split("/", -1), (call.method() + " " + path).split("/", -1));
      if (named.isPresent()) {
        return route.getValue().apply(call.with(named.get()));
      }
    }
    throw new MlflowException(
        Code.ENDPOINT_NOT_FOUND, "there is no " + call.method() + " " + call.path());
  }

  private static Optional<Map<String, String>> match(String[] template, String[] path) {
    if (template.length != path.length) {
      return Optional.empty();
    }
    Map<String, String> named = new HashMap<>();
    for (int i = 0; i < path.length; i++) {
      if (template[i].startsWith("{")) {
        String value = path[i].replace("+", "%2B");
        named.put(
            template[i].substring(1, template[i].length() - 1),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      } else if (!template[i].equals(path[i])) {
        return Optional.empty();
      }
    }
    return Optional.of(named);
  }
}
