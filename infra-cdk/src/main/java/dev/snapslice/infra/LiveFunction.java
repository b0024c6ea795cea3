package dev.snapslice.infra;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.Tracing;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/**
 * A Java function that is reached by the alias {@code live}, which names its newest published
 * version: SnapStart works for published versions only.
 */
final class LiveFunction extends Construct {
  private final String name;
  private final Duration timeout;
  private final Function function;
  private final Alias live;

  /**
   * What one function is.
   *
   * @param name of its service in logs, metrics and traces
   * @param jar its packaged code
   * @param handler its handler's class
   * @param timeout after which a run is stopped
   * @param memoryMib its memory; 1,769 MiB is one whole processor
   * @param concurrency how many run at once, reserved for it; empty to share the account's
   */
  record Spec(
      String name,
      Path jar,
      String handler,
      Duration timeout,
      int memoryMib,
      Optional<Integer> concurrency) {}

  LiveFunction(Construct scope, String id, Spec spec, Map<String, String> environment) {
    super(scope, id);
    this.name = spec.name();
    this.timeout = spec.timeout();
    LogGroup logs =
        LogGroup.Builder.create(this, "Logs")
            .retention(RetentionDays.ONE_MONTH)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    // A role of our own instead of Lambda's managed policy, which may write to every log group.
    Role role =
        Role.Builder.create(this, "Role")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .build();
    logs.grantWrite(role);
    var variables = new HashMap<>(environment);
    variables.put("POWERTOOLS_SERVICE_NAME", spec.name());
    variables.put("POWERTOOLS_METRICS_NAMESPACE", MonitoringStack.NAMESPACE);
    function =
        Function.Builder.create(this, "Function")
            .runtime(Runtime.JAVA_25)
            .architecture(Architecture.ARM_64)
            .code(Code.fromAsset(spec.jar().toString()))
            .handler(spec.handler())
            .timeout(spec.timeout())
            .memorySize(spec.memoryMib())
            .reservedConcurrentExecutions(spec.concurrency().orElse(null))
            .environment(variables)
            .snapStart(SnapStartConf.ON_PUBLISHED_VERSIONS)
            .tracing(Tracing.ACTIVE)
            .logGroup(logs)
            .role(role)
            .build();
    live =
        Alias.Builder.create(this, "Live")
            .aliasName("live")
            .version(function.getCurrentVersion())
            .build();
    // The alias publishes one; CDK cannot know.
    Annotations.of(function)
        .acknowledgeWarning("@aws-cdk/aws-lambda:snapStartRequirePublish", "The alias has one.");
    Reasons.wildcard(role, "\\*", "X-Ray takes spans for no resource that could be named.");
  }

  /** What invokes the function goes here. */
  Alias live() {
    return live;
  }

  /** What the function is allowed to do goes here. */
  Function function() {
    return function;
  }

  String name() {
    return name;
  }

  Duration timeout() {
    return timeout;
  }
}
