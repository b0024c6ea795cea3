package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class ProxyStackTest {
  private static final String ENDPOINT = "AWS::EC2::VPCEndpoint";
  private static final String LISTENER = "AWS::ElasticLoadBalancingV2::Listener";

  private static final Map<String, Object> TLS =
      Map.of(
          "proxyCertificateArn", "arn:aws:acm:eu-west-1:111111111111:certificate/a",
          "proxyDomain", "s3.example.com",
          "proxyHostedZoneId", "Z1");

  private static ProxyStack stack(Map<String, Object> choices) {
    App app = Synthesized.app(choices);
    Settings settings = Settings.from(app.getNode());
    return SnapsliceApp.build(app, settings).proxy().orElseThrow();
  }

  private static Resource task() {
    return Synthesized.the("AWS::ECS::TaskDefinition", "Task");
  }

  private static JsonNode container() {
    return task().at("/ContainerDefinitions/0");
  }

  private static Resource only(List<Resource> resources, String type) {
    return Synthesized.of(resources.stream(), type).getFirst();
  }

  /** The names are those that core's {@code Installation} and {@code ProxySettings} read. */
  @Test
  void tells_the_proxy_what_is_installed() {
    assertThat(Synthesized.stream(container().path("Environment")))
        .extracting(variable -> variable.path("Name").asText())
        .containsExactlyInAnyOrder(
            "SNAPSLICE_INDEX_TABLE",
            "SNAPSLICE_CATALOG_TABLE",
            "SNAPSLICE_TRACKING_TABLE",
            "SNAPSLICE_EVENTS_QUEUE_URL",
            "SNAPSLICE_EVENTS_QUEUE_ARN",
            "SNAPSLICE_EVENTS_DLQ_URL",
            "SNAPSLICE_TASKS_QUEUE_URL",
            "SNAPSLICE_KEY_ID",
            "SNAPSLICE_ARTIFACT_BUCKET",
            "SNAPSLICE_SETTLE_SECONDS",
            "SNAPSLICE_DEFAULT_PERMISSION",
            "SNAPSLICE_PROXY_PORT",
            "SNAPSLICE_PROXY_DOMAIN",
            "SNAPSLICE_PROXY_SCHEME",
            "SNAPSLICE_PROXY_AUDIT_KEYS",
            "SNAPSLICE_PROXY_LABELS_AS_BUCKETS",
            "AWS_REGION");
  }

  @Test
  void runs_on_arm_without_rights_on_its_machine() {
    assertThat(task().at("/RuntimePlatform/CpuArchitecture").asText()).isEqualTo("ARM64");
    assertThat(container().path("User").asText()).isEqualTo("65532");
    assertThat(container().path("ReadonlyRootFilesystem").asBoolean()).isTrue();
    assertThat(container().path("Privileged").asBoolean()).isFalse();
    assertThat(Synthesized.texts(container().at("/LinuxParameters/Capabilities/Drop")))
        .containsExactly("ALL");
    assertThat(container().at("/Ulimits/0/SoftLimit").asInt()).isEqualTo(65536);
  }

  @Test
  void lets_downloads_end_before_a_task_does() {
    Resource targets = Synthesized.the("AWS::ElasticLoadBalancingV2::TargetGroup", "Entrance");

    assertThat(container().path("StopTimeout").asInt()).isEqualTo(120);
    assertThat(Synthesized.stream(targets.at("/TargetGroupAttributes")))
        .anySatisfy(attribute -> {
          assertThat(attribute.path("Key").asText())
              .isEqualTo("deregistration_delay.timeout_seconds");
          assertThat(attribute.path("Value").asText()).isEqualTo("300");
        });
    assertThat(targets.at("/HealthCheckProtocol").asText()).isEqualTo("HTTP");
    assertThat(targets.at("/HealthCheckPath").asText()).isEqualTo("/health");
  }

  @Test
  void goes_back_when_new_tasks_do_not_start_and_never_has_fewer_meanwhile() {
    Resource service = Synthesized.the("AWS::ECS::Service", "Service");

    assertThat(service.at("/DeploymentConfiguration/DeploymentCircuitBreaker/Rollback").asBoolean())
        .isTrue();
    assertThat(service.at("/DeploymentConfiguration/MinimumHealthyPercent").asInt()).isEqualTo(100);
    // A number here would undo at each deployment what scaling has found.
    assertThat(service.at("/DesiredCount").isMissingNode()).isTrue();
  }

  @Test
  void scales_by_processors_and_by_bytes_of_each_task() {
    Template template = Synthesized.template("Proxy");

    template.hasResourceProperties(
        "AWS::ApplicationAutoScaling::ScalableTarget", Map.of("MinCapacity", 2, "MaxCapacity", 20));
    assertThat(Synthesized.of("AWS::ApplicationAutoScaling::ScalingPolicy"))
        .extracting(Resource::properties)
        .anySatisfy(policy ->
            assertThat(policy.findValue("PredefinedMetricType").asText())
                .isEqualTo("ECSServiceAverageCPUUtilization"))
        .anySatisfy(policy -> {
          assertThat(policy.findValuesAsText("Expression")).containsExactly("bytes / tasks");
          assertThat(policy.findValuesAsText("Stat")).containsExactly("Sum", "SampleCount");
          assertThat(policy.findValue("TargetValue").asDouble()).isEqualTo(4.5e9);
        });
  }

  @Test
  void lets_only_the_balancer_connect_to_tasks() {
    assertThat(Synthesized.of("AWS::EC2::SecurityGroupIngress"))
        .filteredOn(rule -> rule.at("/GroupId").toString().contains("Tasks"))
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.at("/FromPort").asInt()).isEqualTo(ProxyStack.PORT);
          assertThat(rule.at("/SourceSecurityGroupId").toString()).contains("Clients");
        });
    assertThat(Synthesized.the("AWS::EC2::SecurityGroup", "Tasks").at("/SecurityGroupIngress"))
        .isEmpty();
  }

  @Test
  void is_internal_without_a_certificate() {
    Resource balancer =
        Synthesized.the("AWS::ElasticLoadBalancingV2::LoadBalancer", "EntranceBalancer");

    assertThat(balancer.at("/Type").asText()).isEqualTo("network");
    assertThat(balancer.at("/Scheme").asText()).isEqualTo("internal");
    assertThat(Synthesized.the(LISTENER, "Entrance").at("/Protocol").asText()).isEqualTo("TCP");
  }

  @Test
  void ends_tls_for_the_internet_under_a_domain_and_all_names_below_it() {
    ProxyStack stack = stack(TLS);
    List<Resource> resources = Synthesized.resources(Template.fromStack(stack));

    assertThat(only(resources, LISTENER).at("/Protocol").asText()).isEqualTo("TLS");
    assertThat(only(resources, LISTENER).at("/Port").asInt()).isEqualTo(443);
    assertThat(only(resources, "AWS::ElasticLoadBalancingV2::LoadBalancer").at("/Scheme").asText())
        .isEqualTo("internet-facing");
    assertThat(Synthesized.of(resources.stream(), "AWS::Route53::RecordSet"))
        .extracting(name -> name.at("/Name").asText())
        .containsExactlyInAnyOrder("s3.example.com.", "*.s3.example.com.");
    assertThat(
            Annotations.fromStack(stack).findError("*", Match.stringLikeRegexp("AwsSolutions-.*")))
        .isEmpty();
  }

  @Test
  void reaches_s3_and_dynamodb_by_gateways_and_the_rest_by_public_addresses() {
    assertThat(Synthesized.of(ENDPOINT))
        .hasSize(2)
        .allSatisfy(
            endpoint -> assertThat(endpoint.at("/VpcEndpointType").asText()).isEqualTo("Gateway"));
    assertThat(Synthesized.of("AWS::EC2::NatGateway")).isEmpty();
    assertThat(
            Synthesized.the("AWS::ECS::Service", "Service")
                .at("/NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp")
                .asText())
        .isEqualTo("ENABLED");
  }

  @Test
  void has_an_endpoint_for_all_it_calls_where_nothing_may_leave() {
    ProxyStack stack = stack(Map.of("proxyNetwork", "endpoints"));
    List<Resource> resources = Synthesized.resources(Template.fromStack(stack));

    assertThat(Synthesized.of(resources.stream(), ENDPOINT))
        .filteredOn(endpoint -> endpoint.at("/VpcEndpointType").asText().equals("Interface"))
        .extracting(endpoint -> endpoint.at("/ServiceName").toString().replaceAll(".*\\.|\".*", ""))
        .hasSize(8);
    assertThat(Synthesized.of(resources.stream(), "AWS::EC2::InternetGateway")).isEmpty();
    assertThat(
            Annotations.fromStack(stack).findError("*", Match.stringLikeRegexp("AwsSolutions-.*")))
        .isEmpty();
  }

  @Test
  void has_a_nat_gateway_in_each_zone_where_asked_for() {
    List<Resource> resources =
        Synthesized.resources(Template.fromStack(stack(Map.of("proxyNetwork", "nat"))));

    assertThat(Synthesized.of(resources.stream(), "AWS::EC2::NatGateway")).hasSize(2);
  }

  @Test
  void lets_tasks_fetch_an_image_from_a_registry_of_aws() {
    String image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/proxy:1.2";

    Template.fromStack(stack(Map.of("proxyImage", image)))
        .hasResourceProperties(
            "AWS::IAM::Policy",
            Match.objectLike(
                Map.of(
                    "PolicyDocument",
                    Match.objectLike(
                        Map.of(
                            "Statement",
                            Match.arrayWith(
                                List.of(
                                    Match.objectLike(
                                        Map.of(
                                            "Action",
                                            Match.arrayWith(List.of("ecr:BatchGetImage")))))))))));
  }

  @Test
  void is_left_out_when_nobody_wants_it() {
    App app = Synthesized.app(Map.of("proxy", "false"));

    SnapsliceApp.Stacks stacks = SnapsliceApp.build(app, Settings.from(app.getNode()));

    assertThat(stacks.proxy()).isEmpty();
    Template.fromStack(stacks.monitoring());
  }
}
