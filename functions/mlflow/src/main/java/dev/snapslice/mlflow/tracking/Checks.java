package dev.snapslice.mlflow.tracking;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What MLflow lets names and values be. Lengths are in characters. */
public final class Checks {
  private static final int LONGEST_EXPERIMENT_NAME = 500;
  private static final int LONGEST_EXPERIMENT_TAG_KEY = 250;
  private static final int LONGEST_EXPERIMENT_TAG_VALUE = 20_000;
  private static final int LONGEST_LOCATION = 2_048;
  private static final int LONGEST_KEY = 250;
  private static final int LONGEST_PARAM = 6_000;
  private static final int LONGEST_TAG = 8_000;
  private static final Pattern RUN_ID =
      Pattern.compile("[a-zA-Z0-9][\\w\\-]{0,255}", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern KEY =
      Pattern.compile("[/\\w.\\- :]*", Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern URI =
      Pattern.compile(
          "(?<scheme>(?:[a-zA-Z][a-zA-Z0-9+.-]*(?=:))?):?(?://[^/?#]*)?(?:[^?#]*/)?[^/?#;]*"
              + "(?<params>(?:;[^/?#]*)?)(?<query>(?:\\?[^#]*)?)#?(?<fragment>.*)",
          Pattern.DOTALL);

  /** Whose paths may end with parameters. */
  private static final Set<String> WITH_PARAMS = Set.of("", "ftp", "sftp", "http", "https");

  private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

  private Checks() {}

  static void experimentName(String name) {
    if (name.isEmpty()) {
      throw MlflowException.invalid("Invalid experiment name: ''");
    }
    length("name", LONGEST_EXPERIMENT_NAME, name);
  }

  /** The number that an experiment's id is. */
  static long experimentId(String id) {
    try {
      return Long.parseLong(id.strip());
    } catch (NumberFormatException e) {
      throw MlflowException.invalid(
          "Invalid experiment ID '%s'. Experiment ID must be a valid integer.".formatted(id));
    }
  }

  static void experimentTag(String key, String value) {
    key("key", key);
    length("key", LONGEST_EXPERIMENT_TAG_KEY, key);
    length("value", LONGEST_EXPERIMENT_TAG_VALUE, value);
  }

  static void runId(String id) {
    if (!RUN_ID.matcher(id).matches()) {
      throw MlflowException.invalid(
          "Invalid value %s for parameter 'run_id' supplied.".formatted(Python.quoted(id)));
    }
  }

  /**
   * Checks a metric.
   *
   * @param path of the metric in the request, with a dot at its end; empty for the request itself
   */
  static void metric(String path, Metric metric) {
    key(path + "name", metric.key());
    if (metric.timestamp() < 0) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter '%stimestamp' supplied: metric '%s' (value=%s). Timestamp must be a nonnegative long (64-bit integer) "
              .formatted(metric.timestamp(), path, metric.key(), metric.value()));
    }
    length("Metric name", LONGEST_KEY, metric.key());
  }

  /** Checks a parameter, and tells the value that is kept of it: long ones are cut. */
  static String param(String path, String key, String value) {
    key(path + "key", key);
    length("Param key", LONGEST_KEY, key);
    return cut(value, LONGEST_PARAM);
  }

  /** The same for a tag of a run. */
  public static String tag(String path, String key, String value) {
    key(path + "key", key);
    length(path + "key", LONGEST_KEY, key);
    return cut(value, LONGEST_TAG);
  }

  /** The first characters of a text. */
  public static String cut(String value, int most) {
    return value.codePointCount(0, value.length()) <= most
        ? value
        : value.substring(0, value.offsetByCodePoints(0, most));
  }

  static void location(String uri) {
    Matcher parts = URI.matcher(uri);
    if (!parts.matches()
        || !parts.group("fragment").isEmpty()
        || (parts.group("params").length() > 1
            && WITH_PARAMS.contains(parts.group("scheme").toLowerCase(Locale.ROOT)))) {
      throw MlflowException.invalid("'artifact_location' URL can't include fragments or params.");
    }
    checkQuery(parts.group("query"));
    if (uri.startsWith("runs:")) {
      throw MlflowException.invalid(
          "Artifact location cannot be a runs:/ URI. Given: '%s'".formatted(uri));
    }
    if (uri.length() > LONGEST_LOCATION) {
      throw MlflowException.invalid(
          "Invalid artifact path length. The length of the artifact path cannot be greater than "
              + LONGEST_LOCATION
              + " characters. To configure this limit, please set the "
              + "MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.");
    }
  }

  /** Whoever reads a location may take its query for a path, and decode it more than once. */
  private static void checkQuery(String query) {
    String decoded = query;
    for (int times = 0; times < 10 && decoded.indexOf('%') >= 0; times++) {
      decoded =
          ESCAPE
              .matcher(decoded)
              .replaceAll(escape ->
                  Matcher.quoteReplacement("" + (char) Integer.parseInt(escape.group(1), 16)));
    }
    if (decoded.contains("..") || ESCAPE.matcher(decoded).find()) {
      throw MlflowException.invalid("Invalid query string");
    }
  }

  /** A name of a tag, a parameter or a metric, which is a path as well. */
  public static void key(String field, String key) {
    if (!KEY.matcher(key).matches()) {
      throw MlflowException.invalid(
          invalid(field, key)
              + " Names may only contain alphanumerics, underscores (_), dashes (-), periods (.),"
              + " spaces ( ), colon(:) and slashes (/).");
    }
    path(field, key);
  }

  /** What is a path as well, and no other one when it is read as such. */
  public static void path(String field, String key) {
    String normal = normal(key);
    if (!normal.equals(key)
        || normal.equals(".")
        || normal.startsWith("..")
        || normal.startsWith("/")) {
      throw MlflowException.invalid(
          invalid(field, key)
              + " Names may be treated as files in certain cases, and must not resolve to other names "
              + "when treated as such. This name would resolve to '%s'".formatted(normal));
    }
  }

  /** What Python's {@code posixpath.normpath} makes of it. */
  private static String normal(String path) {
    boolean absolute = path.startsWith("/");
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      boolean up = part.equals("..");
      if (up && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".") && !(up && absolute)) {
        parts.addLast(part);
      }
    }
    String normal = (absolute ? "/" : "") + String.join("/", parts);
    return normal.isEmpty() ? "." : normal;
  }

  public static void length(String field, int most, String value) {
    if (value.codePointCount(0, value.length()) > most) {
      throw MlflowException.invalid(
          "'%s' exceeds the maximum length of %d characters".formatted(field, most));
    }
  }

  /** Whether a metric can have such a name; no key of an item takes much more. */
  static boolean isShort(String key) {
    return key.codePointCount(0, key.length()) <= LONGEST_KEY;
  }

  private static String invalid(String field, String value) {
    return "Invalid value %s for parameter '%s' supplied:".formatted(Python.quoted(value), field);
  }
}
