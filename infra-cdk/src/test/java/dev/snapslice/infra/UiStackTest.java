package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Template;

class UiStackTest {
  private static final String CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
  private static final String ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

  private static JsonNode distribution() {
    return Synthesized.the("AWS::CloudFront::Distribution", "Distribution")
        .at("/DistributionConfig");
  }

  private static JsonNode withOwnNames() {
    App app =
        Synthesized.app(
            Map.of(
                "mlflowDomain", "mlflow.example.com",
                "mlflowCertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/a",
                "proxyDomain", "s3.example.com",
                "proxyCertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/b"));
    Template template =
        Template.fromStack(SnapsliceApp.build(app, Settings.from(app.getNode())).ui());
    List<Resource> found =
        Synthesized.of(Synthesized.resources(template).stream(), "AWS::CloudFront::Distribution");
    return found.getFirst().at("/DistributionConfig");
  }

  private static String origin(JsonNode distribution, JsonNode behavior) {
    return Synthesized.stream(distribution.path("Origins"))
        .filter(each -> each.path("Id").equals(behavior.path("TargetOriginId")))
        .findFirst()
        .orElseThrow()
        .toString();
  }

  private static Stream<JsonNode> behaviors(JsonNode distribution) {
    return Synthesized.stream(distribution.path("CacheBehaviors"));
  }

  @Test
  void the_files_come_from_a_private_bucket_that_cloudfront_alone_reads() {
    Resource bucket = Synthesized.the("AWS::S3::Bucket", "FilesBucket");
    JsonNode page = distribution().path("DefaultCacheBehavior");

    assertThat(bucket.at("/PublicAccessBlockConfiguration"))
        .hasSize(4)
        .allMatch(JsonNode::asBoolean);
    assertThat(origin(distribution(), page)).contains(bucket.id(), "OriginAccessControlId");
    assertThat(page.path("ViewerProtocolPolicy").asText()).isEqualTo("redirect-to-https");
    assertThat(distribution().path("DefaultRootObject").asText()).isEqualTo("index.html");
  }

  @Test
  void all_that_is_no_file_goes_to_the_api_uncached_with_all_that_was_sent() {
    assertThat(behaviors(distribution()))
        .extracting(
            each -> each.path("PathPattern").asText(),
            each -> each.path("CachePolicyId").asText(),
            each -> each.path("OriginRequestPolicyId").asText(),
            each -> each.path("ViewerProtocolPolicy").asText(),
            each -> each.path("AllowedMethods").size())
        .containsExactlyElementsOf(
            UiStack.API.stream()
                .map(path -> tuple(path, CACHING_DISABLED, ALL_BUT_HOST, "https-only", 7))
                .toList());
    assertThat(behaviors(distribution()))
        .allSatisfy(each ->
            assertThat(origin(distribution(), each))
                .contains("\"OriginProtocolPolicy\":\"https-only\"", "[\"TLSv1.2\"]"));
  }

  @Test
  void artifacts_go_to_the_fleet_before_anything_else_if_it_has_a_name_with_tls() {
    JsonNode named = withOwnNames();

    assertThat(behaviors(named).limit(2))
        .allSatisfy(each -> {
          assertThat(each.path("PathPattern").asText()).contains("/mlflow-artifacts/artifacts/*");
          assertThat(origin(named, each)).contains("s3.example.com", "https-only");
        });
    assertThat(named.path("Aliases").toString()).contains("mlflow.example.com");
    assertThat(named.at("/ViewerCertificate/MinimumProtocolVersion").asText())
        .isEqualTo("TLSv1.2_2021");
  }

  @Test
  void every_answer_says_that_nobody_else_may_frame_it_and_tls_is_the_only_way() {
    String headers =
        Synthesized.the("AWS::CloudFront::ResponseHeadersPolicy", "Headers")
            .properties()
            .toString();

    assertThat(headers).contains("frame-ancestors 'self'", "31536000", "ContentTypeOptions");
    assertThat(
            Stream.concat(
                behaviors(distribution()), Stream.of(distribution().path("DefaultCacheBehavior"))))
        .allMatch(each -> each.has("ResponseHeadersPolicyId"));
  }
}
