package dev.snapslice.infra;

import dev.snapslice.infra.FleetSettings.Entrance;
import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ecs.FargateService;
import software.amazon.awscdk.services.elasticloadbalancingv2.AddNetworkTargetsProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.BaseNetworkListenerProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.HealthCheck;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCertificate;
import software.amazon.awscdk.services.elasticloadbalancingv2.NetworkListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.NetworkLoadBalancer;
import software.amazon.awscdk.services.elasticloadbalancingv2.NetworkTargetGroup;
import software.amazon.awscdk.services.elasticloadbalancingv2.Protocol;
import software.amazon.awscdk.services.elasticloadbalancingv2.SslPolicy;
import software.amazon.awscdk.services.route53.ARecord;
import software.amazon.awscdk.services.route53.HostedZone;
import software.amazon.awscdk.services.route53.HostedZoneAttributes;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.amazon.awscdk.services.route53.RecordTarget;
import software.amazon.awscdk.services.route53.targets.LoadBalancerTarget;
import software.constructs.Construct;

/**
 * Where clients connect: a load balancer that ends TLS and passes bytes on as they came, since a
 * signature is over host and path. See {@code docs/decisions/0006-fleet.md}.
 */
final class ProxyEntrance extends Construct {
  /** A running download has this long after its task was chosen to stop. */
  private static final Duration DRAIN = Duration.minutes(5);

  private final Entrance settings;
  private final SecurityGroup clients;
  private final NetworkLoadBalancer balancer;
  private final NetworkListener listener;
  private NetworkTargetGroup targets;

  ProxyEntrance(Construct scope, String id, Entrance settings, Vpc vpc) {
    super(scope, id);
    this.settings = settings;
    clients =
        SecurityGroup.Builder.create(this, "Clients")
            .vpc(vpc)
            .description("Snapslice: who may connect to the proxies")
            .allowAllOutbound(false)
            .build();
    balancer =
        NetworkLoadBalancer.Builder.create(this, "Balancer")
            .vpc(vpc)
            .internetFacing(!settings.internal())
            .securityGroups(List.of(clients))
            .build();
    Reasons.accept(
        balancer,
        "AwsSolutions-ELB2",
        "It could log TLS handshakes only; requests are in the proxies' log.");
    listener = balancer.addListener("Listener", listener());
    settings.clients().forEach(range -> clients.addIngressRule(Peer.ipv4(range), Port.tcp(port())));
    if (settings.clients().contains("0.0.0.0/0")) {
      Reasons.accept(
          clients,
          "AwsSolutions-EC23",
          "Open as S3 itself is: every request carries a signature. proxyClients narrows it.");
    }
    settings.hostedZone().ifPresent(this::point);
  }

  private int port() {
    return settings.certificate().isPresent() ? 443 : 80;
  }

  private BaseNetworkListenerProps listener() {
    var listener = BaseNetworkListenerProps.builder().port(port()).protocol(Protocol.TCP);
    settings
        .certificate()
        .ifPresent(arn ->
            listener
                .protocol(Protocol.TLS)
                .certificates(List.of(ListenerCertificate.fromArn(arn)))
                .sslPolicy(SslPolicy.RECOMMENDED_TLS));
    return listener.build();
  }

  /** The domain, and every bucket or moment as a name before it. */
  private void point(String zoneId) {
    IHostedZone zone =
        HostedZone.fromHostedZoneAttributes(
            this,
            "Zone",
            HostedZoneAttributes.builder().hostedZoneId(zoneId).zoneName(domain()).build());
    for (String name : List.of("", "*.")) {
      ARecord.Builder.create(this, name.isEmpty() ? "Name" : "NamesBelow")
          .zone(zone)
          // With the dot at its end it may lie anywhere in the zone.
          .recordName(name + domain() + ".")
          .target(RecordTarget.fromAlias(new LoadBalancerTarget(balancer)))
          .build();
    }
  }

  /** Sends clients to the tasks of a service, and nobody else. */
  void lead(FargateService service, SecurityGroup tasks) {
    targets =
        listener.addTargets(
            "Proxies",
            AddNetworkTargetsProps.builder()
                .port(ProxyStack.PORT)
                .protocol(Protocol.TCP)
                .targets(List.of(service))
                .deregistrationDelay(DRAIN)
                .healthCheck(
                    HealthCheck.builder()
                        .protocol(Protocol.HTTP)
                        .path("/health")
                        .interval(Duration.seconds(10))
                        .timeout(Duration.seconds(5))
                        .healthyThresholdCount(2)
                        .unhealthyThresholdCount(3)
                        .build())
                .build());
    tasks.getConnections().allowFrom(clients, Port.tcp(ProxyStack.PORT));
  }

  /** Under which buckets and moments are host names. */
  String domain() {
    return settings.domain().orElseGet(balancer::getLoadBalancerDnsName);
  }

  /** The name by which the internet reaches it, with TLS; empty where it does not. */
  Optional<String> publicDomain() {
    return settings.internal() || settings.certificate().isEmpty()
        ? Optional.empty()
        : settings.domain();
  }

  String scheme() {
    return settings.certificate().isPresent() ? "https" : "http";
  }

  String url() {
    return scheme() + "://" + domain();
  }

  String dnsName() {
    return balancer.getLoadBalancerDnsName();
  }

  NetworkLoadBalancer balancer() {
    return balancer;
  }

  NetworkTargetGroup targets() {
    return targets;
  }
}
