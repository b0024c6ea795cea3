package dev.snapslice.local.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A route of an HTTP API.
 *
 * @param key {@code METHOD /path/{parameter}}, {@code ANY …} or {@code $default}
 * @param function the name of the function that answers
 * @param authorization {@code NONE}, {@code CUSTOM} or {@code AWS_IAM}
 * @param authorizer the function that is asked first, or null
 */
public record Route(String key, String function, String authorization, String authorizer) {
  private static final Pattern PARAMETER = Pattern.compile("\\{([^}+]+)(\\+?)}");

  /** A route that a request took, with its decoded path parameters. */
  public record Match(Route route, Map<String, String> parameters) {}

  /**
   * The route that API Gateway would choose: the most specific path, an exact method before {@code
   * ANY}, {@code $default} last.
   */
  public static Optional<Match> choose(List<Route> routes, String method, String path) {
    return routes.stream()
        .sorted(Comparator.comparingInt(Route::generality).thenComparing(Route::key))
        .flatMap(route -> route.match(method, path).stream())
        .findFirst();
  }

  private Optional<Match> match(String method, String path) {
    if (key.equals("$default")) {
      return Optional.of(new Match(this, Map.of()));
    }
    int space = key.indexOf(' ');
    String verb = key.substring(0, space);
    if (!verb.equals("ANY") && !verb.equals(method)) {
      return Optional.empty();
    }
    var names = new ArrayList<String>();
    Matcher parameter = PARAMETER.matcher(key.substring(space + 1));
    var expression = new StringBuilder();
    int literal = 0;
    String template = key.substring(space + 1);
    while (parameter.find()) {
      names.add(parameter.group(1));
      expression.append(Pattern.quote(template.substring(literal, parameter.start())));
      expression.append(parameter.group(2).isEmpty() ? "([^/]+)" : "(.+)");
      literal = parameter.end();
    }
    expression.append(Pattern.quote(template.substring(literal)));
    Matcher matcher = Pattern.compile(expression.toString()).matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var parameters = new HashMap<String, String>();
    for (int i = 0; i < names.size(); i++) {
      // Only %XX is an escape in a path: a plus is a plus.
      String value = matcher.group(i + 1).replace("+", "%2B");
      parameters.put(names.get(i), URLDecoder.decode(value, StandardCharsets.UTF_8));
    }
    return Optional.of(new Match(this, Map.copyOf(parameters)));
  }

  private int generality() {
    if (key.equals("$default")) {
      return Integer.MAX_VALUE;
    }
    int parameters = (int) PARAMETER.matcher(key).results().count();
    return parameters * 2 + (key.startsWith("ANY ") ? 1 : 0) + (key.contains("+}") ? 1_000 : 0);
  }
}
