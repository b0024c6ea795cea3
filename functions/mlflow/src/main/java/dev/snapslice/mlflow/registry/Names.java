package dev.snapslice.mlflow.registry;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.tracking.Checks;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** What MLflow lets models, versions, tags and aliases be called. Lengths are in characters. */
final class Names {
  private static final int LONGEST_TAG_KEY = 250;
  private static final int LONGEST_TAG_VALUE = 100_000;
  private static final int LONGEST_ALIAS = 255;
  private static final String PROMPT_TEXT = "mlflow.prompt.text";
  private static final String LATEST = "latest";
  private static final Pattern ALIAS =
      Pattern.compile("[\\w\\-]*", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern ALIAS_LIKE_VERSION =
      Pattern.compile("[vV]\\d+", Pattern.UNICODE_CHARACTER_CLASS);

  private Names() {}

  static void model(String name) {
    present("name", name);
    if (name.contains("/") || name.contains(":")) {
      throw MlflowException.invalid(
          "Invalid model name '%s'. Names cannot contain '/' or ':'.".formatted(name));
    }
    Checks.path("name", name);
  }

  static void renamed(String name) {
    present("new_name", name);
    model(name);
  }

  private static void present(String field, String name) {
    if (name.isBlank()) {
      throw MlflowException.invalid("Missing value for required parameter '%s'.".formatted(field));
    }
  }

  /** The number that a version is called; what is too large for one is the largest. */
  static long version(String written) {
    if (!Python.isInteger(written)) {
      throw MlflowException.invalid(
          "Parameter 'version' must be an integer, got '%s'.".formatted(written));
    }
    BigInteger number = new BigInteger(written.strip().replace("_", ""));
    return number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE;
  }

  static void modelTag(String key, String value) {
    Checks.key("key", key);
    Checks.length("key", LONGEST_TAG_KEY, key);
    Checks.length("value", LONGEST_TAG_VALUE, value);
  }

  static void versionTag(String key, String value) {
    Checks.key("key", key);
    Checks.length("key", LONGEST_TAG_KEY, key);
    if (key.equals(PROMPT_TEXT) && value.codePointCount(0, value.length()) > LONGEST_TAG_VALUE) {
      throw MlflowException.invalid(
          "Prompt text exceeds max length of %d characters.".formatted(LONGEST_TAG_VALUE));
    }
    Checks.length("value", LONGEST_TAG_VALUE, value);
  }

  static void alias(String alias) {
    if (!ALIAS.matcher(alias).matches()) {
      throw MlflowException.invalid(
          ("Invalid alias name: '%s'. Names may only contain alphanumerics, underscores (_), and "
                  + "dashes (-).")
              .formatted(alias));
    }
    Checks.length("Registered model alias name", LONGEST_ALIAS, alias);
  }

  static void newAlias(String alias) {
    alias(alias);
    if (isLatest(alias)) {
      throw MlflowException.invalid("'latest' alias name (case insensitive) is reserved.");
    }
    if (ALIAS_LIKE_VERSION.matcher(alias).matches()) {
      throw MlflowException.invalid("Version alias name '%s' is reserved.".formatted(alias));
    }
  }

  /** Whether it stands for the newest version, whatever that is. */
  static boolean isLatest(String alias) {
    return alias.equalsIgnoreCase(LATEST);
  }
}
