package dev.snapslice.infra;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import software.constructs.Node;

/**
 * What may be chosen for the fleet of read proxies; names in the context begin with {@code proxy}.
 *
 * @param module the proxy's folder, whose Dockerfile and packaged jars become the image
 * @param image one that was built already ({@code proxyImage}); then nothing is built, and Docker
 *     is not needed
 * @param network how tasks reach AWS beside S3 and DynamoDB
 * @param zones names of the availability zones; the region's first two if empty
 * @param cidr addresses of the fleet's own network
 * @param entrance how clients reach the fleet
 * @param minTasks how many run at least
 * @param maxTasks how many run at most
 * @param cpu of a task, in 1,024ths of a processor; it has twice as many MiB of memory
 * @param insights whether CloudWatch tells of each task (Container Insights), which costs
 * @param auditKeys whether the audit's lines hold keys of objects
 * @param labelsAsBuckets whether lists of buckets show labels, too
 */
record FleetSettings(
    Path module,
    Optional<String> image,
    Network network,
    List<String> zones,
    String cidr,
    Entrance entrance,
    int minTasks,
    int maxTasks,
    int cpu,
    boolean insights,
    boolean auditKeys,
    boolean labelsAsBuckets) {

  /** How tasks reach what has no gateway endpoint: image registry, logs, KMS, SQS and the like. */
  enum Network {
    /** From public addresses of their own, to which nobody can connect. The cheapest. */
    PUBLIC,
    /** Through interface endpoints: nothing leaves AWS, and no other store can be read. */
    ENDPOINTS,
    /** Through a NAT gateway in each zone. */
    NAT
  }

  /**
   * How clients reach the fleet.
   *
   * @param certificate ARN of the certificate that TLS ends with; without one the fleet is internal
   * @param domain under which buckets and moments are host names; the load balancer's if empty
   * @param hostedZone Route 53's zone in which the domain and all names below it are pointed here
   * @param internal whether the load balancer has addresses of its network only
   * @param clients addresses that may connect
   */
  record Entrance(
      Optional<String> certificate,
      Optional<String> domain,
      Optional<String> hostedZone,
      boolean internal,
      List<String> clients) {
    Entrance {
      certificate.ifPresent(arn ->
          check("proxyCertificateArn", arn, "arn:[a-z-]+:acm:.+", "the ARN of a certificate"));
      domain.ifPresent(name ->
          check("proxyDomain", name, "([a-z0-9-]+\\.)+[a-z0-9-]+", "a domain in small letters"));
      if (domain.isEmpty() && (certificate.isPresent() || hostedZone.isPresent())) {
        throw new IllegalArgumentException(
            "proxyDomain is missing: want the name that certificate and zone are for");
      }
      if (certificate.isEmpty() && !internal) {
        throw new IllegalArgumentException(
            "proxyInternal=false: want a proxyCertificateArn too, as objects would be read in the clear");
      }
      clients.forEach(client -> check("proxyClients", client, CIDR, "a range of IPv4 addresses"));
      clients = List.copyOf(clients);
    }
  }

  private static final String CIDR = "(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}";

  /** Fargate's sizes of whose memory twice the processors' number is one. */
  private static final List<Integer> SIZES = List.of(512, 1024, 2048, 4096, 8192, 16384);

  FleetSettings {
    check("proxyCidr", cidr, CIDR, "a range of IPv4 addresses");
    if (zones.size() == 1) {
      throw new IllegalArgumentException("proxyZones=" + zones.getFirst() + ": want two or more");
    }
    if (minTasks < 1 || maxTasks < minTasks) {
      throw new IllegalArgumentException(
          "proxyMinTasks=%d, proxyMaxTasks=%d: want 1 or more, and no less at most than at least"
              .formatted(minTasks, maxTasks));
    }
    if (!SIZES.contains(cpu)) {
      throw new IllegalArgumentException("proxyCpu=" + cpu + ": want one of " + SIZES);
    }
    zones = List.copyOf(zones);
  }

  private static void check(String key, String value, String form, String want) {
    if (!value.matches(form)) {
      throw new IllegalArgumentException(key + "=" + value + ": want " + want);
    }
  }

  /** Reads the context of an app whose working directory is {@code infra-cdk}. */
  static FleetSettings from(Node node) {
    Optional<String> certificate = Settings.text(node, "proxyCertificateArn");
    boolean internal = Settings.flag(node, "proxyInternal", certificate.isEmpty());
    String cidr = Settings.text(node, "proxyCidr").orElse("10.83.0.0/20");
    List<String> clients = Settings.list(node, "proxyClients");
    return new FleetSettings(
        Path.of(Settings.text(node, "proxyModule").orElse("../proxy")),
        Settings.text(node, "proxyImage"),
        network(Settings.text(node, "proxyNetwork").orElse("public")),
        Settings.list(node, "proxyZones"),
        cidr,
        new Entrance(
            certificate,
            Settings.text(node, "proxyDomain"),
            Settings.text(node, "proxyHostedZoneId"),
            internal,
            clients.isEmpty() ? List.of(internal ? cidr : "0.0.0.0/0") : clients),
        Settings.number(node, "proxyMinTasks", 2),
        Settings.number(node, "proxyMaxTasks", 20),
        Settings.number(node, "proxyCpu", 1024),
        Settings.flag(node, "proxyInsights", false),
        Settings.flag(node, "proxyAuditKeys", false),
        Settings.flag(node, "proxyLabelsAsBuckets", false));
  }

  private static Network network(String name) {
    Network network =
        Map.of("public", Network.PUBLIC, "endpoints", Network.ENDPOINTS, "nat", Network.NAT)
            .get(name.toLowerCase(Locale.ROOT));
    if (network == null) {
      throw new IllegalArgumentException(
          "proxyNetwork=" + name + ": want public, endpoints or nat");
    }
    return network;
  }

  /**
   * The folder that the image is built from.
   *
   * @throws IllegalStateException if its jars were not built
   */
  Path build() {
    if (!Files.isDirectory(module.resolve("target").resolve("lib"))) {
      throw new IllegalStateException(
          module.resolve("target")
              + " holds no jars: run mvn -DskipTests package first, or name an image by proxyImage");
    }
    return module;
  }
}
