package dev.snapslice.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.ecr.RepositoryAttributes;
import software.amazon.awscdk.services.ecr.assets.Platform;
import software.amazon.awscdk.services.ecs.AssetImageProps;
import software.amazon.awscdk.services.ecs.AwsLogDriverMode;
import software.amazon.awscdk.services.ecs.AwsLogDriverProps;
import software.amazon.awscdk.services.ecs.Capability;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.ContainerInsights;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.DeploymentCircuitBreaker;
import software.amazon.awscdk.services.ecs.FargateService;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.ecs.LinuxParameters;
import software.amazon.awscdk.services.ecs.LogDriver;
import software.amazon.awscdk.services.ecs.OperatingSystemFamily;
import software.amazon.awscdk.services.ecs.PortMapping;
import software.amazon.awscdk.services.ecs.RuntimePlatform;
import software.amazon.awscdk.services.ecs.Ulimit;
import software.amazon.awscdk.services.ecs.UlimitName;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;

/** The fleet of read proxies: their network, their tasks, and what these may do. */
final class ProxyStack extends Stack {
  static final int PORT = 8080;

  /** Of the image's user, {@code nonroot} in distroless images. */
  private static final String USER = "65532";

  /** The longest that Fargate leaves a task after it was told to stop. */
  private static final Duration STOP = Duration.seconds(120);

  private static final Pattern ECR =
      Pattern.compile(
          "(\\d{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com[.a-z]*/([^:@]+)[:@](.+)");

  private final Settings settings;
  private final FleetSettings fleet;
  private final DataStack data;
  private final ProxyEntrance entrance;
  private final FargateService service;

  ProxyStack(
      App app, StackProps properties, Settings settings, FleetSettings fleet, DataStack data) {
    super(app, "Proxy", properties);
    this.settings = settings;
    this.fleet = fleet;
    this.data = data;
    // CDK lets a service depend on its target group by name, too; W3005 minds.
    getTemplateOptions()
        .setMetadata(
            Map.of("cfn-lint", Map.of("config", Map.of("ignore_checks", List.of("W3005")))));
    var network = new ProxyNetwork(this, "Network", fleet);
    entrance = new ProxyEntrance(this, "Entrance", fleet.entrance(), network.vpc());
    SecurityGroup tasks =
        SecurityGroup.Builder.create(this, "Tasks")
            .vpc(network.vpc())
            .description("Snapslice: proxies, which only the load balancer may connect to")
            .build();
    network.connect(tasks);
    service = service(network, tasks);
    entrance.lead(service, tasks);
    new ProxyScaling(this, "Scaling", fleet, service, entrance);
    output("ProxyUrl", "endpoint for S3 clients", entrance.url());
    output("ProxyLoadBalancer", "where ProxyUrl's name leads", entrance.dnsName());
    output("ProxyService", "ECS service of the read proxies", service.getServiceName());
  }

  /**
   * The region's first two unless others are chosen. Left to itself, the CDK asks the account at
   * synthesis and keeps the answer in a file.
   */
  @Override
  public List<String> getAvailabilityZones() {
    // The CDK asks while the constructor of the class above runs, too.
    return fleet == null || fleet.zones().isEmpty()
        ? List.of(Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs()))
        : fleet.zones();
  }

  private FargateService service(ProxyNetwork network, SecurityGroup tasks) {
    Cluster cluster =
        Cluster.Builder.create(this, "Cluster")
            .vpc(network.vpc())
            .containerInsightsV2(
                fleet.insights() ? ContainerInsights.ENHANCED : ContainerInsights.DISABLED)
            .build();
    if (!fleet.insights()) {
      Reasons.accept(
          cluster,
          "AwsSolutions-ECS4",
          "The service's own metrics drive scaling and alarms and are free; proxyInsights=true adds"
              + " each task's.");
    }
    return FargateService.Builder.create(this, "Service")
        .cluster(cluster)
        .taskDefinition(task())
        .vpcSubnets(network.tasksSubnets())
        .assignPublicIp(network.publicTasks())
        .securityGroups(List.of(tasks))
        .minHealthyPercent(100)
        .maxHealthyPercent(200)
        .circuitBreaker(DeploymentCircuitBreaker.builder().enable(true).rollback(true).build())
        .healthCheckGracePeriod(Duration.seconds(30))
        .build();
  }

  private FargateTaskDefinition task() {
    Role execution = role("Execution");
    FargateTaskDefinition task =
        FargateTaskDefinition.Builder.create(this, "Task")
            .cpu(fleet.cpu())
            .memoryLimitMiB(2 * fleet.cpu())
            .runtimePlatform(
                RuntimePlatform.builder()
                    .cpuArchitecture(CpuArchitecture.ARM64)
                    .operatingSystemFamily(OperatingSystemFamily.LINUX)
                    .build())
            .executionRole(execution)
            .taskRole(permitted(role("Proxy")))
            .build();
    var linux = LinuxParameters.Builder.create(this, "Linux").build();
    linux.dropCapabilities(Capability.ALL);
    task.addContainer(
            "proxy",
            ContainerDefinitionOptions.builder()
                .image(image())
                .environment(variables())
                .portMappings(List.of(PortMapping.builder().containerPort(PORT).build()))
                .logging(LogDriver.awsLogs(logs()))
                .user(USER)
                .readonlyRootFilesystem(true)
                .privileged(false)
                .linuxParameters(linux)
                .stopTimeout(STOP)
                .build())
        .addUlimits(
            Ulimit.builder().name(UlimitName.NOFILE).softLimit(65536).hardLimit(65536).build());
    Reasons.accept(
        task, "AwsSolutions-ECS2", "Names of tables, queues and key are no secrets, and exact.");
    Reasons.wildcard(
        execution, "\\*", "ecr:GetAuthorizationToken is for a registry, which cannot be named.");
    return task;
  }

  private Role role(String id) {
    return Role.Builder.create(this, id)
        .assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com"))
        .build();
  }

  private Role permitted(Role role) {
    data.index().grant(role, FunctionsStack.READ);
    data.catalog().grant(role, FunctionsStack.READ);
    role.addToPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("dynamodb:PutItem", "dynamodb:UpdateItem"))
            .resources(List.of(data.catalog().getTableArn()))
            // The row that says how far the index is, and delegation tokens that were cancelled:
            // the keys of core's IndexHealth and CancelledTokens.
            .conditions(
                Map.of(
                    "ForAllValues:StringEquals",
                    Map.of("dynamodb:LeadingKeys", List.of("health", "cancelled-tokens"))))
            .build());
    data.grantRuns(role);
    data.grantPermissions(role);
    data.secretsKey().grant(role, "kms:GenerateMac");
    data.grantHealth(role);
    // Asks for a comparison where S3 no longer has what the index shows.
    data.tasks().queue().grant(role, "sqs:SendMessage");
    new BucketAccess(this, settings).grantServe(role);
    data.artifacts().grant(role);
    return role;
  }

  private Map<String, String> variables() {
    var all = new HashMap<>(data.variables());
    all.putAll(data.artifacts().variables());
    all.put("SNAPSLICE_PROXY_PORT", Integer.toString(PORT));
    all.put("SNAPSLICE_PROXY_DOMAIN", entrance.domain());
    all.put("SNAPSLICE_PROXY_SCHEME", entrance.scheme());
    all.put("SNAPSLICE_PROXY_AUDIT_KEYS", Boolean.toString(fleet.auditKeys()));
    all.put("SNAPSLICE_PROXY_LABELS_AS_BUCKETS", Boolean.toString(fleet.labelsAsBuckets()));
    all.put("AWS_REGION", getRegion());
    return all;
  }

  private ContainerImage image() {
    if (fleet.image().isEmpty()) {
      return ContainerImage.fromAsset(
          fleet.build().toString(),
          AssetImageProps.builder().platform(Platform.LINUX_ARM64).build());
    }
    String name = fleet.image().get();
    Matcher ecr = ECR.matcher(name);
    if (!ecr.matches()) {
      return ContainerImage.fromRegistry(name);
    }
    // So that tasks may fetch it.
    return ContainerImage.fromEcrRepository(
        Repository.fromRepositoryAttributes(
            this,
            "Image",
            RepositoryAttributes.builder()
                .repositoryName(ecr.group(3))
                .repositoryArn(
                    "arn:%s:ecr:%s:%s:repository/%s"
                        .formatted(getPartition(), ecr.group(2), ecr.group(1), ecr.group(3)))
                .build()),
        ecr.group(4));
  }

  private AwsLogDriverProps logs() {
    return AwsLogDriverProps.builder()
        .logGroup(
            LogGroup.Builder.create(this, "Logs")
                .retention(RetentionDays.ONE_MONTH)
                .removalPolicy(RemovalPolicy.DESTROY)
                .build())
        .streamPrefix("proxy")
        // A disturbance of CloudWatch must not become one of reading.
        .mode(AwsLogDriverMode.NON_BLOCKING)
        .maxBufferSize(Size.mebibytes(25))
        .build();
  }

  private void output(String id, String what, String value) {
    CfnOutput.Builder.create(this, id).description(what).value(value).build();
  }

  ProxyEntrance entrance() {
    return entrance;
  }

  FargateService service() {
    return service;
  }
}
