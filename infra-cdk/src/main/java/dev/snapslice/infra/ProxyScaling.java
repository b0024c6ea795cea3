package dev.snapslice.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.TargetTrackingMetricDimensionProperty;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.TargetTrackingMetricProperty;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.TargetTrackingMetricStatProperty;
import software.amazon.awscdk.services.applicationautoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty;
import software.amazon.awscdk.services.applicationautoscaling.EnableScalingProps;
import software.amazon.awscdk.services.ecs.CpuUtilizationScalingProps;
import software.amazon.awscdk.services.ecs.FargateService;
import software.amazon.awscdk.services.ecs.ScalableTaskCount;
import software.constructs.Construct;

/**
 * How many proxies run: enough to keep processors at 60 %, which small requests need first, and a
 * task's share of the network at what it carries, which large objects need first.
 */
final class ProxyScaling extends Construct {
  private static final int PROCESSOR_PERCENT = 60;

  /** What a task carries for each of its processors: 0.6 Gbit/s. */
  private static final double BYTES_A_MINUTE = 0.6e9 / 8 * 60;

  private static final Duration BEFORE_MORE = Duration.seconds(60);
  private static final Duration BEFORE_FEWER = Duration.minutes(5);

  private final FargateService service;

  ProxyScaling(
      Construct scope,
      String id,
      FleetSettings settings,
      FargateService service,
      ProxyEntrance entrance) {
    super(scope, id);
    this.service = service;
    ScalableTaskCount tasks =
        service.autoScaleTaskCount(
            EnableScalingProps.builder()
                .minCapacity(settings.minTasks())
                .maxCapacity(settings.maxTasks())
                .build());
    tasks.scaleOnCpuUtilization(
        "Processors",
        CpuUtilizationScalingProps.builder()
            .targetUtilizationPercent(PROCESSOR_PERCENT)
            .scaleOutCooldown(BEFORE_MORE)
            .scaleInCooldown(BEFORE_FEWER)
            .build());
    CfnScalingPolicy.Builder.create(this, "Bytes")
        .policyName(service.getNode().getAddr() + "-bytes")
        .policyType("TargetTrackingScaling")
        .serviceNamespace("ecs")
        .scalableDimension("ecs:service:DesiredCount")
        .resourceId(
            "service/" + service.getCluster().getClusterName() + "/" + service.getServiceName())
        .targetTrackingScalingPolicyConfiguration(
            TargetTrackingScalingPolicyConfigurationProperty.builder()
                .targetValue(BYTES_A_MINUTE * settings.cpu() / 1024)
                .customizedMetricSpecification(bytesEach(entrance))
                .scaleOutCooldown(BEFORE_MORE.toSeconds())
                .scaleInCooldown(BEFORE_FEWER.toSeconds())
                .build())
        .build()
        .getNode()
        .addDependency(tasks);
  }

  /**
   * The balancer's bytes over the number of tasks, each of which tells its use of the processor
   * once a minute. The CDK's own construct for this takes no expressions.
   */
  private CustomizedMetricSpecificationProperty bytesEach(ProxyEntrance entrance) {
    return CustomizedMetricSpecificationProperty.builder()
        .metrics(
            List.of(
                measured(
                    "bytes",
                    "Sum",
                    TargetTrackingMetricProperty.builder()
                        .namespace("AWS/NetworkELB")
                        .metricName("ProcessedBytes")
                        .dimensions(
                            dimensions(
                                Map.of(
                                    "LoadBalancer", entrance.balancer().getLoadBalancerFullName())))
                        .build()),
                measured(
                    "tasks",
                    "SampleCount",
                    TargetTrackingMetricProperty.builder()
                        .namespace("AWS/ECS")
                        .metricName("CPUUtilization")
                        .dimensions(
                            dimensions(
                                Map.of(
                                    "ClusterName", service.getCluster().getClusterName(),
                                    "ServiceName", service.getServiceName())))
                        .build()),
                TargetTrackingMetricDataQueryProperty.builder()
                    .id("each")
                    .expression("bytes / tasks")
                    .returnData(true)
                    .build()))
        .build();
  }

  private static TargetTrackingMetricDataQueryProperty measured(
      String id, String statistic, TargetTrackingMetricProperty metric) {
    return TargetTrackingMetricDataQueryProperty.builder()
        .id(id)
        .metricStat(
            TargetTrackingMetricStatProperty.builder().metric(metric).stat(statistic).build())
        .returnData(false)
        .build();
  }

  private static List<TargetTrackingMetricDimensionProperty> dimensions(Map<String, String> of) {
    return of.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(dimension ->
            TargetTrackingMetricDimensionProperty.builder()
                .name(dimension.getKey())
                .value(dimension.getValue())
                .build())
        .toList();
  }
}
