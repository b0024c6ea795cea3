package dev.snapslice.infra;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.services.cognito.Mfa;
import software.constructs.Node;

/**
 * What may be chosen for people who sign in with a browser; names in the context begin with {@code
 * signIn}.
 *
 * @param provider another OpenID provider in place of a user pool of Cognito ({@code signInIssuer},
 *     {@code signInClient}), which takes us for a public client
 * @param domain the first part of the name of the pool's pages ({@code signInDomain}); if empty, of
 *     the installation's name and the account's number
 * @param mfa whether people whom the pool itself knows show a second factor ({@code signInMfa}):
 *     required, optional or off
 * @param company a directory that the pool asks in its turn
 * @param nameClaim what is taken for a user's name ({@code signInNameClaim})
 * @param groupsClaims what names the groups of who signs in ({@code signInGroupsClaims})
 * @param readers names of groups that are readers ({@code signInReaders}); {@code snapslice-reader}
 *     always is one
 * @param writers names of groups that are writers ({@code signInWriters})
 * @param admins names of groups that are administrators ({@code signInAdmins})
 * @param hours that a session lasts ({@code signInHours})
 * @param credentials whether who signed in makes API tokens and access keys, with their role in
 *     every bucket ({@code signInCredentials})
 */
record PeopleSettings(
    Optional<Provider> provider,
    Optional<String> domain,
    Mfa mfa,
    Optional<Company> company,
    String nameClaim,
    List<String> groupsClaims,
    List<String> readers,
    List<String> writers,
    List<String> admins,
    int hours,
    boolean credentials) {
  static final List<String> GROUPS =
      List.of("snapslice-reader", "snapslice-writer", "snapslice-admin");

  /** The attribute in which the pool keeps what a company's directory says of groups. */
  static final String GROUPS_ATTRIBUTE = "groups";

  private static final int LONGEST = 24;

  /** An OpenID provider, and what it calls us. */
  record Provider(String issuer, String client) {
    Provider {
      // On one machine there is no TLS.
      if (!issuer.matches("https://[^?#]+[^?#/]|http://(localhost|127\\.0\\.0\\.1):\\d+")) {
        throw new IllegalArgumentException(
            "signInIssuer=" + issuer + ": want an https URL without a slash at its end");
      }
      if (client.isBlank()) {
        throw new IllegalArgumentException(
            "signInClient is missing: want the client id that signInIssuer gave");
      }
    }
  }

  /** A directory of people that the pool asks. */
  sealed interface Company {
    /** The attribute or claim that names groups there ({@code signInGroupsAttribute}). */
    Optional<String> groups();

    /** By SAML ({@code signInSamlMetadata}: URL of its metadata). */
    record Saml(String metadata, Optional<String> groups) implements Company {
      public Saml {
        checkUrl("signInSamlMetadata", metadata);
      }
    }

    /**
     * By OpenID Connect ({@code signInOidcIssuer}, {@code signInOidcClient}).
     *
     * @param secret ARN of the secret in Secrets Manager that is the client's ({@code
     *     signInOidcSecretArn}): no template holds it
     */
    record Oidc(String issuer, String client, String secret, Optional<String> groups)
        implements Company {
      public Oidc {
        checkUrl("signInOidcIssuer", issuer);
        if (client.isBlank() || !secret.matches("arn:[a-z-]+:secretsmanager:.+")) {
          throw new IllegalArgumentException(
              "signInOidcIssuer takes signInOidcClient, and signInOidcSecretArn, the ARN of a secret");
        }
      }
    }

    private static void checkUrl(String key, String value) {
      if (!value.matches("https://[^#]+")) {
        throw new IllegalArgumentException(key + "=" + value + ": want an https URL");
      }
    }
  }

  PeopleSettings {
    if (hours < 1 || hours > LONGEST) {
      throw new IllegalArgumentException(
          "signInHours=" + hours + ": want 1 to " + LONGEST + " hours");
    }
    for (String name : domain.stream().toList()) {
      if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
        throw new IllegalArgumentException(
            "signInDomain=" + name + ": want small letters, digits and hyphens");
      }
    }
    groupsClaims = List.copyOf(groupsClaims);
    readers = List.copyOf(readers);
    writers = List.copyOf(writers);
    admins = List.copyOf(admins);
  }

  /** Reads the context; empty with {@code signIn=false}. */
  static Optional<PeopleSettings> from(Node node) {
    if (!Settings.flag(node, "signIn", true)) {
      return Optional.empty();
    }
    Optional<Provider> provider =
        text(node, "Issuer").map(issuer -> new Provider(issuer, text(node, "Client").orElse("")));
    Optional<Company> company = company(node);
    return Optional.of(
        new PeopleSettings(
            provider,
            text(node, "Domain"),
            mfa(text(node, "Mfa").orElse("required")),
            company,
            text(node, "NameClaim").orElse(provider.isEmpty() ? "cognito:username" : "sub"),
            claims(node, provider, company),
            groups(node, 0, "Readers"),
            groups(node, 1, "Writers"),
            groups(node, 2, "Admins"),
            Settings.number(node, "signInHours", 12),
            Settings.flag(node, "signInCredentials", false)));
  }

  private static Optional<String> text(Node node, String key) {
    return Settings.text(node, "signIn" + key);
  }

  private static Mfa mfa(String text) {
    return switch (text) {
      case "required" -> Mfa.REQUIRED;
      case "optional" -> Mfa.OPTIONAL;
      case "off" -> Mfa.OFF;
      default ->
          throw new IllegalArgumentException(
              "signInMfa=" + text + ": want required, optional or off");
    };
  }

  private static Optional<Company> company(Node node) {
    Optional<String> groups = text(node, "GroupsAttribute");
    Optional<Company> saml =
        text(node, "SamlMetadata").map(metadata -> new Company.Saml(metadata, groups));
    return saml.or(() ->
        text(node, "OidcIssuer")
            .map(issuer ->
                new Company.Oidc(
                    issuer,
                    text(node, "OidcClient").orElse(""),
                    text(node, "OidcSecretArn").orElse(""),
                    groups)));
  }

  /** What a company says of groups counts only where it was told by which attribute it says it. */
  private static List<String> claims(
      Node node, Optional<Provider> provider, Optional<Company> company) {
    List<String> chosen = Settings.list(node, "signInGroupsClaims");
    if (!chosen.isEmpty()) {
      return chosen;
    }
    if (provider.isPresent()) {
      return List.of("groups");
    }
    return company.flatMap(Company::groups).isPresent()
        ? List.of("cognito:groups", "custom:" + GROUPS_ATTRIBUTE)
        : List.of("cognito:groups");
  }

  private static List<String> groups(Node node, int role, String key) {
    return Stream.concat(Stream.of(GROUPS.get(role)), Settings.list(node, "signIn" + key).stream())
        .toList();
  }
}
