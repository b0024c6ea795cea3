package dev.snapslice.infra;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Map;
import software.constructs.IConstruct;

/**
 * Why a finding of cdk-nag is right as it is; a finding without its reason stops the deployment.
 */
final class Reasons {
  private Reasons() {}

  /** Accepts what a rule finds on a construct and below it. */
  static void accept(IConstruct scope, String rule, String reason) {
    NagSuppressions.addResourceSuppressions(
        scope, List.of(NagPackSuppression.builder().id(rule).reason(reason).build()), true);
  }

  /**
   * Accepts a resource with a wildcard in the policies below a construct.
   *
   * @param expression the regular expression of exactly this resource
   */
  static void wildcard(IConstruct scope, String expression, String reason) {
    var applies = Map.of("regex", "/^Resource::" + expression + "$/");
    NagSuppressions.addResourceSuppressions(
        scope,
        List.of(
            NagPackSuppression.builder()
                .id("AwsSolutions-IAM5")
                .reason(reason)
                .appliesTo(List.of(applies))
                .build()),
        true);
  }
}
