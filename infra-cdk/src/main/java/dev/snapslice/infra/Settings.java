package dev.snapslice.infra;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import software.constructs.Node;

/**
 * What an installation may choose, by {@code cdk deploy -c name=value} or in {@code cdk.json}.
 *
 * @param name of the installation; its stacks' names begin with it
 * @param functions the folder of the function modules, whose packaged jars are deployed
 * @param openApi the contract that the routes are read from
 * @param protect whether tables, key and stacks refuse to be deleted; {@code protect=false} is for
 *     trying Snapslice out
 * @param buckets names of the buckets that the functions may reach in this account, {@code *} for
 *     all
 * @param bucketAccounts other accounts whose buckets may be registered
 * @param bucketKeys ARNs of customer-managed KMS keys under which registered buckets are encrypted
 * @param alarmEmail who is told when an alarm goes off
 * @param ingestConcurrency how many ingest functions may run at once; they are reserved, unless
 *     this is empty ({@code ingestConcurrency=0}), as it has to be in an account new to Lambda
 * @param signIn whose JSON web tokens open a third API, {@code jwtIssuer} and {@code jwtAudience}:
 *     a Cognito user pool and its app client, or another issuer of OpenID Connect
 * @param defaultPermission what users of MLflow may do with what they were given nothing for
 *     ({@code mlflowDefaultPermission})
 * @param deletedRunsDays how long deleted runs, models and experiments of MLflow can be restored; 0
 *     for ever ({@code mlflowDeletedRunsDays})
 * @param ui of MLflow
 * @param people who sign in to it with a browser; {@code signIn=false} lets in tokens alone
 * @param fleet of read proxies; {@code proxy=false} installs none
 * @param placeholder a folder that stands for jars not built yet, where templates are only read
 */
record Settings(
    String name,
    Path functions,
    Path openApi,
    boolean protect,
    List<String> buckets,
    List<String> bucketAccounts,
    List<String> bucketKeys,
    Optional<String> alarmEmail,
    Optional<Integer> ingestConcurrency,
    Optional<SignIn> signIn,
    String defaultPermission,
    String deletedRunsDays,
    Ui ui,
    Optional<PeopleSettings> people,
    Optional<FleetSettings> fleet,
    Optional<Path> placeholder) {

  /** Whose tokens are taken: an issuer's, if they are for this audience. */
  record SignIn(String issuer, String audience) {
    SignIn {
      if (!issuer.matches("https://[^?#]+")) {
        throw new IllegalArgumentException("jwtIssuer=" + issuer + ": want an https URL");
      }
      if (audience.isBlank()) {
        throw new IllegalArgumentException(
            "jwtAudience is missing: want the client id that jwtIssuer's tokens are for");
      }
    }
  }

  /**
   * MLflow's UI.
   *
   * @param files the folder into which {@code ./snapslice ui} fetches them
   * @param address empty for a name of CloudFront's own
   */
  record Ui(Path files, Optional<Address> address) {}

  /**
   * A name that is pointed to CloudFront, and the certificate for it.
   *
   * @param certificate ARN; CloudFront takes those of one region only
   */
  record Address(String domain, String certificate) {
    Address {
      check(
          "mlflowDomain",
          List.of(domain),
          "([a-z0-9-]+\\.)+[a-z0-9-]+",
          "a domain in small letters");
      check(
          "mlflowCertificateArn",
          List.of(certificate),
          "arn:[a-z-]+:acm:us-east-1:.+",
          "the ARN of a certificate in us-east-1");
    }
  }

  Settings {
    if (!name.matches("[A-Z][A-Za-z0-9]{0,31}")) {
      throw new IllegalArgumentException(
          "name=" + name + ": want a capital, then up to 31 letters and digits");
    }
    if (ingestConcurrency.filter(many -> many < 2).isPresent()) {
      throw new IllegalArgumentException(
          "ingestConcurrency=" + ingestConcurrency.get() + ": want 0, or 2 and more");
    }
    check("buckets", buckets, "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|\\*", "the name of a bucket, or *");
    check("bucketAccounts", bucketAccounts, "\\d{12}", "an account's number of 12 digits");
    check("bucketKeys", bucketKeys, "arn:[a-z-]+:kms:.+:key/.+", "the ARN of a KMS key");
    check(
        "mlflowDefaultPermission",
        List.of(defaultPermission),
        "NO_PERMISSIONS|READ|USE|EDIT|MANAGE",
        "NO_PERMISSIONS, READ, USE, EDIT or MANAGE");
    check(
        "mlflowDeletedRunsDays",
        List.of(deletedRunsDays),
        "\\d{1,5}(\\.\\d{1,6})?",
        "a number of days, such as 30 or 0.5, or 0 for ever");
    buckets = List.copyOf(buckets);
    bucketAccounts = List.copyOf(bucketAccounts);
    bucketKeys = List.copyOf(bucketKeys);
  }

  private static void check(String key, List<String> values, String form, String want) {
    for (String value : values) {
      if (!value.matches(form)) {
        throw new IllegalArgumentException(key + ": '" + value + "' is not " + want);
      }
    }
  }

  /** Reads the context of an app whose working directory is {@code infra-cdk}. */
  static Settings from(Node node) {
    List<String> buckets = list(node, "buckets");
    return new Settings(
        text(node, "name").orElse("Snapslice"),
        Path.of(text(node, "functions").orElse("../functions")),
        Path.of(text(node, "openApi").orElse("../api-spec/openapi.yaml")),
        flag(node, "protect", true),
        buckets.isEmpty() ? List.of("*") : buckets,
        list(node, "bucketAccounts"),
        list(node, "bucketKeys"),
        text(node, "alarmEmail"),
        Optional.of(number(node, "ingestConcurrency", 50)).filter(many -> many != 0),
        text(node, "jwtIssuer")
            .map(issuer -> new SignIn(issuer, text(node, "jwtAudience").orElse(""))),
        text(node, "mlflowDefaultPermission").orElse("MANAGE"),
        text(node, "mlflowDeletedRunsDays").orElse("30"),
        new Ui(
            Path.of(text(node, "mlflowUi").orElse("../.snapslice/mlflow-ui")),
            text(node, "mlflowDomain")
                .map(domain -> new Address(domain, text(node, "mlflowCertificateArn").orElse("")))),
        PeopleSettings.from(node),
        flag(node, "proxy", true) ? Optional.of(FleetSettings.from(node)) : Optional.empty(),
        text(node, "placeholder").map(Path::of));
  }

  /**
   * The packaged jar of a function module.
   *
   * @throws IllegalStateException if it was not built
   */
  Path jar(String module) {
    Path jar = functions.resolve(module).resolve("target").resolve(module + ".jar");
    if (Files.isRegularFile(jar)) {
      return jar;
    }
    return placeholder.orElseThrow(
        () -> new IllegalStateException(jar + " is missing: run mvn -DskipTests package first"));
  }

  /**
   * The folder of MLflow's UI.
   *
   * @throws IllegalStateException if it was not fetched
   */
  Path uiFiles() {
    if (Files.isDirectory(ui.files())) {
      return ui.files();
    }
    return placeholder.orElseThrow(
        () -> new IllegalStateException(ui.files() + " is missing: run ./snapslice ui first"));
  }

  static Optional<String> text(Node node, String key) {
    return Optional.ofNullable(node.tryGetContext(key))
        .map(Objects::toString)
        .filter(value -> !value.isBlank());
  }

  static boolean flag(Node node, String key, boolean otherwise) {
    String value = text(node, key).orElse(Boolean.toString(otherwise));
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(key + "=" + value + ": want true or false");
    };
  }

  static int number(Node node, String key, int otherwise) {
    String value = text(node, key).orElse(Integer.toString(otherwise));
    if (!value.matches("\\d{1,5}")) {
      throw new IllegalArgumentException(key + "=" + value + ": want a whole number");
    }
    return Integer.parseInt(value);
  }

  /** Comma-separated on the command line, an array in {@code cdk.json}. */
  static List<String> list(Node node, String key) {
    Stream<String> values =
        switch (node.tryGetContext(key)) {
          case null -> Stream.of();
          case List<?> array -> array.stream().map(Objects::toString);
          case Object value -> Arrays.stream(value.toString().split(","));
        };
    return values.map(String::strip).filter(value -> !value.isEmpty()).toList();
  }
}
