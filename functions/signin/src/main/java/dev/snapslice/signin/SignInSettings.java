package dev.snapslice.signin;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What {@code cdk deploy} tells the sign-in function in its environment.
 *
 * @param catalogTable DynamoDB table of sessions ({@code SNAPSLICE_CATALOG_TABLE})
 * @param keyId KMS key that their secrets are derived from ({@code SNAPSLICE_KEY_ID})
 * @param address of MLflow in a browser, without a slash at its end ({@code SNAPSLICE_UI_URL})
 * @param issuer of the OpenID provider ({@code SNAPSLICE_SIGN_IN_ISSUER})
 * @param client as which the provider knows us ({@code SNAPSLICE_SIGN_IN_CLIENT})
 * @param nameClaim whose value is the principal ({@code SNAPSLICE_SIGN_IN_NAME_CLAIM})
 * @param groups which of them are which role
 * @param session how long it lasts ({@code SNAPSLICE_SESSION_HOURS})
 * @param givesCredentials whether who signed in makes tokens and access keys for as long ({@code
 *     SNAPSLICE_SIGN_IN_CREDENTIALS})
 */
record SignInSettings(
    String catalogTable,
    String keyId,
    URI address,
    URI issuer,
    String client,
    String nameClaim,
    RoleGroups groups,
    Duration session,
    boolean givesCredentials) {

  SignInSettings {
    checkSecure(address);
    checkSecure(issuer);
  }

  /** On one machine there is no TLS. */
  private static void checkSecure(URI uri) {
    boolean loopback = List.of("localhost", "127.0.0.1").contains(uri.getHost());
    if (!"https".equals(uri.getScheme()) && !("http".equals(uri.getScheme()) && loopback)) {
      throw new IllegalStateException(uri + ": want an https URL");
    }
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalStateException if a variable is missing or is no such value; names it
   */
  static SignInSettings from(Map<String, String> environment) {
    return new SignInSettings(
        required(environment, "SNAPSLICE_CATALOG_TABLE"),
        required(environment, "SNAPSLICE_KEY_ID"),
        URI.create(required(environment, "SNAPSLICE_UI_URL")),
        URI.create(required(environment, "SNAPSLICE_SIGN_IN_ISSUER")),
        required(environment, "SNAPSLICE_SIGN_IN_CLIENT"),
        required(environment, "SNAPSLICE_SIGN_IN_NAME_CLAIM"),
        new RoleGroups(
            names(environment, "SNAPSLICE_SIGN_IN_GROUPS_CLAIMS"),
            names(environment, "SNAPSLICE_SIGN_IN_READERS"),
            names(environment, "SNAPSLICE_SIGN_IN_WRITERS"),
            names(environment, "SNAPSLICE_SIGN_IN_ADMINS")),
        Duration.ofHours(Long.parseLong(required(environment, "SNAPSLICE_SESSION_HOURS"))),
        required(environment, "SNAPSLICE_SIGN_IN_CREDENTIALS").equals("true"));
  }

  private static List<String> names(Map<String, String> environment, String name) {
    return Arrays.stream(environment.getOrDefault(name, "").split(",", -1))
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalStateException(
          "the environment variable " + name + " is missing: the CDK's UI stack sets it");
    }
    return value;
  }

  /** Whether cookies may be marked as never sent in the clear. */
  boolean secure() {
    return address.getScheme().equals("https");
  }

  /** Where the provider sends who signed in. */
  URI callback() {
    return URI.create(address + "/auth/callback");
  }
}
