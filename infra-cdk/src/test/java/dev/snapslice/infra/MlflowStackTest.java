package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlflowStackTest {
  @ParameterizedTest
  @CsvSource({"MlflowTokens, CUSTOM", "MlflowSigned, AWS_IAM"})
  void asks_who_is_calling_for_all_but_health_and_version(String api, String way) {
    String id = Synthesized.the("AWS::ApiGatewayV2::Api", api).id();
    List<Resource> routes =
        Synthesized.of("AWS::ApiGatewayV2::Route").stream()
            .filter(route -> route.at("/ApiId/Ref").asText().equals(id))
            .toList();

    assertThat(routes)
        .extracting(
            route -> route.at("/RouteKey").asText(),
            route -> route.at("/AuthorizationType").asText())
        .containsExactlyInAnyOrder(
            tuple("ANY /{path+}", way),
            tuple("GET /health", "NONE"),
            tuple("GET /version", "NONE"));
  }

  @Test
  void lets_the_function_at_its_own_table_and_bucket_and_not_at_the_index() {
    String policies =
        Synthesized.of("AWS::IAM::Policy").stream()
            .filter(policy -> policy.id().startsWith("Mlflow"))
            .map(policy -> policy.properties().toString())
            .toList()
            .toString();

    assertThat(policies)
        .contains("Tracking", "ArtifactsBucket")
        .doesNotContain("DataIndex", ":s3:::");
  }

  @Test
  void keeps_artifacts_encrypted_private_and_without_unfinished_uploads() {
    Resource bucket = Synthesized.the("AWS::S3::Bucket", "Artifacts");

    assertThat(bucket.at("/BucketEncryption").toString()).contains("AES256");
    assertThat(bucket.at("/PublicAccessBlockConfiguration"))
        .hasSize(4)
        .allMatch(JsonNode::asBoolean);
    assertThat(
            bucket.at("/LifecycleConfiguration/Rules/0/AbortIncompleteMultipartUpload").toString())
        .isEqualTo("{\"DaysAfterInitiation\":7}");
    assertThat(
            Synthesized.the("AWS::S3::BucketPolicy", "Artifacts").at("/PolicyDocument").toString())
        .contains("\"aws:SecureTransport\":\"false\"", "\"s3:TlsVersion\":1.2");
  }
}
