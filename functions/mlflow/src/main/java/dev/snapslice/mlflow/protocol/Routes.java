package dev.snapslice.mlflow.protocol;

import dev.snapslice.mlflow.protocol.MlflowException.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which operation answers which path. Every route of {@code /api/2.0} and {@code /api/3.0} is there
 * as {@code /ajax-api/…} as well, for browsers. Thread-safe once all routes are added.
 */
public final class Routes {
  private static final String API = "/api/";
  private static final String FOR_BROWSERS = "/ajax-api/";

  private final Map<String, Function<Call, Reply>> routes = new HashMap<>();

  /** What an operation answers to its message. */
  @FunctionalInterface
  public interface Operation {
    Reply answer(Message request);
  }

  /** Adds an operation. */
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
    Function<Call, Reply> route = routes.get(call.method() + " " + path);
    if (route == null) {
      throw new MlflowException(
          Code.ENDPOINT_NOT_FOUND, "there is no " + call.method() + " " + call.path());
    }
    return route.apply(call);
  }
}
