package dev.snapslice.infra;

import dev.snapslice.infra.FleetSettings.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ec2.FlowLogDestination;
import software.amazon.awscdk.services.ec2.FlowLogOptions;
import software.amazon.awscdk.services.ec2.FlowLogTrafficType;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.IpAddresses;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/**
 * The fleet's own network. Objects and the index pass by gateway endpoints, which are free; for the
 * little that is left {@link Network} has three ways, and {@code docs/security.md} a reason for
 * each place that is reached.
 */
final class ProxyNetwork extends Construct {
  /** Everything that a task calls beside S3 and DynamoDB. */
  private static final Map<String, InterfaceVpcEndpointAwsService> CALLED =
      Map.of(
          "Images", InterfaceVpcEndpointAwsService.ECR,
          "ImageLayers", InterfaceVpcEndpointAwsService.ECR_DOCKER,
          "Logs", InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
          "Metrics", InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
          "Keys", InterfaceVpcEndpointAwsService.KMS,
          "Roles", InterfaceVpcEndpointAwsService.STS,
          "Secrets", InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
          "Queues", InterfaceVpcEndpointAwsService.SQS);

  private final Network kind;
  private final Vpc vpc;

  /** In the zones that the stack names. */
  ProxyNetwork(Construct scope, String id, FleetSettings settings) {
    super(scope, id);
    kind = settings.network();
    vpc =
        Vpc.Builder.create(this, "Vpc")
            .ipAddresses(IpAddresses.cidr(settings.cidr()))
            .natGateways(kind == Network.NAT ? zones(settings) : 0)
            .subnetConfiguration(subnets(settings))
            .gatewayEndpoints(
                Map.of(
                    "S3", gateway(GatewayVpcEndpointAwsService.S3),
                    "DynamoDb", gateway(GatewayVpcEndpointAwsService.DYNAMODB)))
            .flowLogs(Map.of("Refused", refused()))
            .build();
  }

  private static int zones(FleetSettings settings) {
    return settings.zones().isEmpty() ? 2 : settings.zones().size();
  }

  private List<SubnetConfiguration> subnets(FleetSettings settings) {
    var subnets = new ArrayList<SubnetConfiguration>();
    if (kind != Network.ENDPOINTS || !settings.entrance().internal()) {
      subnets.add(subnet("Public", SubnetType.PUBLIC));
    }
    if (kind != Network.PUBLIC) {
      subnets.add(subnet("Tasks", tasksIn()));
    }
    return subnets;
  }

  private static SubnetConfiguration subnet(String name, SubnetType type) {
    var subnet = SubnetConfiguration.builder().name(name).subnetType(type);
    // What is not asked for must not get a public address by being here.
    return type == SubnetType.PUBLIC ? subnet.mapPublicIpOnLaunch(false).build() : subnet.build();
  }

  private static GatewayVpcEndpointOptions gateway(GatewayVpcEndpointAwsService service) {
    return GatewayVpcEndpointOptions.builder().service(service).build();
  }

  /** What was let through is in the proxy's own log. */
  private FlowLogOptions refused() {
    LogGroup log =
        LogGroup.Builder.create(this, "Refused")
            .retention(RetentionDays.ONE_MONTH)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    return FlowLogOptions.builder()
        .trafficType(FlowLogTrafficType.REJECT)
        .destination(FlowLogDestination.toCloudWatchLogs(log))
        .build();
  }

  /** Opens the way from the tasks to what they call, where it is not open by itself. */
  void connect(SecurityGroup tasks) {
    if (kind != Network.ENDPOINTS) {
      return;
    }
    CALLED.forEach((name, service) ->
        vpc.addInterfaceEndpoint(
                name,
                InterfaceVpcEndpointOptions.builder()
                    .service(service)
                    .subnets(tasksSubnets())
                    .open(false)
                    .build())
            .getConnections()
            .allowFrom(tasks, Port.tcp(443)));
  }

  private SubnetType tasksIn() {
    return switch (kind) {
      case PUBLIC -> SubnetType.PUBLIC;
      case ENDPOINTS -> SubnetType.PRIVATE_ISOLATED;
      case NAT -> SubnetType.PRIVATE_WITH_EGRESS;
    };
  }

  SubnetSelection tasksSubnets() {
    return SubnetSelection.builder().subnetType(tasksIn()).build();
  }

  /** Whether tasks need public addresses to get out. */
  boolean publicTasks() {
    return kind == Network.PUBLIC;
  }

  Vpc vpc() {
    return vpc;
  }
}
