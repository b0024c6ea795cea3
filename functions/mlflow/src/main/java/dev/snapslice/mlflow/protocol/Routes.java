package dev.snapslice.mlflow.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.access.Caller;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which operation answers which path. A path may have names in braces, each for one segment, or as
 * {@code {name*}} for all that follow. Every route of {@code /api/2.0} and {@code /api/3.0} is
 * there as {@code /ajax-api/…} as well, for browsers. Thread-safe once all routes are added.
 */
public final class Routes {
  private static final String API = "/api/";
  private static final String FOR_BROWSERS = "/ajax-api/";
  private static final Pattern NAME = Pattern.compile("\\{(\\w+)(\\*?)}");

  private final Map<String, Route> exact = new HashMap<>();
  private final List<Template> templates = new ArrayList<>();

  /** What an operation answers to its message. */
  @FunctionalInterface
  public interface Operation {
    Reply answer(Message request);
  }

  /** What an operation answers to its message where that depends on who asks. */
  @FunctionalInterface
  public interface PersonalOperation {
    Reply answer(Message request, Caller caller);
  }

  /**
   * An operation that was found.
   *
   * @param name method and path, as they were added
   * @param reads whether it changes nothing
   */
  public record Route(String name, Function<Call, Reply> operation, boolean reads) {}

  /** A request, and what answers it. */
  public record Found(Call call, Route route) {
    public Reply answer() {
      return route.operation().apply(call);
    }
  }

  private record Template(String method, List<String> names, Pattern path, Route route) {
    static Template of(String method, String path, Route route) {
      List<String> names = new ArrayList<>();
      StringBuilder pattern = new StringBuilder();
      Matcher name = NAME.matcher(path);
      int from = 0;
      while (name.find()) {
        names.add(name.group(1));
        pattern
            .append(Pattern.quote(path.substring(from, name.start())))
            .append(name.group(2).isEmpty() ? "([^/]+)" : "(.*)");
        from = name.end();
      }
      pattern.append(Pattern.quote(path.substring(from)));
      return new Template(
          method, names, Pattern.compile(pattern.toString(), Pattern.DOTALL), route);
    }

    Optional<Found> find(Call call, String asked) {
      Matcher matcher = path.matcher(asked);
      if (!call.method().equals(method) || !matcher.matches()) {
        return Optional.empty();
      }
      Map<String, String> parameters = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        parameters.put(names.get(i), decoded(matcher.group(i + 1)));
      }
      return Optional.of(new Found(call.with(parameters), route));
    }

    /** In a path, a plus is a plus. */
    private static String decoded(String part) {
      try {
        return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
      } catch (IllegalArgumentException e) {
        throw new MlflowException(Code.BAD_REQUEST, "the path holds what is no escape");
      }
    }
  }

  /** Adds an operation; one that is asked by GET changes nothing. */
  public Routes add(String method, String path, List<Field> fields, Operation operation) {
    return add(method, path, call -> operation.answer(call.message(fields)));
  }

  /** The same of one that looks at who asks. */
  public Routes add(String method, String path, List<Field> fields, PersonalOperation operation) {
    return add(method, path, call -> operation.answer(call.message(fields), call.caller()));
  }

  /** Adds what answers to a whole request. */
  public Routes add(String method, String path, Function<Call, Reply> answer) {
    return put(method, path, answer, method.equals("GET"));
  }

  /** Adds an operation that changes nothing, although it is asked by POST. */
  public Routes search(String path, List<Field> fields, Operation operation) {
    return search(path, call -> operation.answer(call.message(fields)));
  }

  /** The same of one that looks at who asks. */
  public Routes search(String path, List<Field> fields, PersonalOperation operation) {
    return search(path, call -> operation.answer(call.message(fields), call.caller()));
  }

  /** The same of what answers to a whole request. */
  public Routes search(String path, Function<Call, Reply> answer) {
    return put("POST", path, answer, true);
  }

  private Routes put(String method, String path, Function<Call, Reply> answer, boolean reads) {
    Route route = new Route(method + " " + path, answer, reads);
    if (path.contains("{")) {
      templates.add(Template.of(method, path, route));
    } else if (exact.put(route.name(), route) != null) {
      throw new IllegalStateException("two routes for " + route.name());
    }
    return this;
  }

  /** All that were added. */
  public Stream<Route> all() {
    return Stream.concat(exact.values().stream(), templates.stream().map(Template::route));
  }

  /**
   * Finds what answers a request: a path without names before one with, and those in the order in
   * which they were added.
   *
   * @throws MlflowException if nothing does
   */
  public Found find(Call call) {
    return lookUp(call)
        .orElseThrow(() ->
            new MlflowException(
                Code.ENDPOINT_NOT_FOUND, "there is no " + call.method() + " " + call.path()));
  }

  /** The same, empty if nothing answers it. */
  public Optional<Found> lookUp(Call call) {
    String path =
        call.path().startsWith(FOR_BROWSERS)
            ? API + call.path().substring(FOR_BROWSERS.length())
            : call.path();
    Route route = exact.get(call.method() + " " + path);
    if (route != null) {
      return Optional.of(new Found(call, route));
    }
    return templates.stream().flatMap(template -> template.find(call, path).stream()).findFirst();
  }
}
