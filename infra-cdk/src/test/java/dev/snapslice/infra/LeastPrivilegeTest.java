package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class LeastPrivilegeTest {
  private static final String POLICY = "AWS::IAM::Policy";

  private static Stream<JsonNode> statements(Stream<Resource> resources) {
    return Synthesized.of(resources, POLICY).stream()
        .flatMap(policy -> Synthesized.stream(policy.at("/PolicyDocument/Statement")));
  }

  private static Stream<JsonNode> allowedTo(String function) {
    return statements(
        Synthesized.of(POLICY).stream().filter(policy -> policy.id().startsWith(function)));
  }

  private static List<String> actionsOf(String function) {
    return allowedTo(function).flatMap(s -> Synthesized.texts(s.path("Action")).stream()).toList();
  }

  @Test
  void names_every_action_it_allows() {
    List<String> actions =
        statements(Synthesized.of(POLICY).stream())
            .flatMap(statement -> Synthesized.texts(statement.path("Action")).stream())
            .toList();

    assertThat(actions).isNotEmpty().noneMatch(action -> action.contains("*"));
  }

  @Test
  void uses_no_policy_of_awss_own() {
    assertThat(Synthesized.of("AWS::IAM::Role"))
        .allSatisfy(role -> assertThat(role.at("/ManagedPolicyArns").isMissingNode()).isTrue());
  }

  /** cdk-nag finds every wildcard, open route, missing log and the like; a reason silences one. */
  @Test
  void has_a_reason_for_whatever_cdk_nag_finds() {
    assertThat(Synthesized.stacks())
        .flatMap(stack ->
            Annotations.fromStack(stack).findError("*", Match.stringLikeRegexp("AwsSolutions-.*")))
        .extracting(finding -> finding.getId() + ": " + finding.getEntry().getData())
        .isEmpty();
  }

  @Test
  void lets_only_maintenance_change_buckets() {
    for (String function : List.of("Ingest", "Schedule", "Api", "Authorizer")) {
      assertThat(actionsOf(function))
          .as(function)
          .noneMatch(action -> action.matches("(s3:(Put|Delete|Abort).*|events:.*)"));
    }
    assertThat(actionsOf("Tasks")).contains("s3:PutObject", "s3:PutBucketNotification");
  }

  @Test
  void lets_only_ingest_and_maintenance_write_the_index() {
    String index = Synthesized.the("AWS::DynamoDB::Table", "Index").id();

    for (String function : List.of("Schedule", "Api", "Authorizer")) {
      assertThat(allowedTo(function))
          .as(function)
          .filteredOn(statement -> statement.path("Resource").toString().contains(index))
          .flatMap(statement -> Synthesized.texts(statement.path("Action")))
          .allMatch(action -> action.matches("dynamodb:(Get|BatchGet|Query).*"));
    }
  }

  @Test
  void derives_secrets_only_where_callers_are_known() {
    assertThat(actionsOf("ProxyDefaultPolicy")).contains("kms:GenerateMac");
    assertThat(List.of("Ingest", "Tasks", "Schedule", "Execution"))
        .allSatisfy(function ->
            assertThat(actionsOf(function)).noneMatch(action -> action.endsWith("Mac")));
  }

  @Test
  void lets_the_proxy_read_and_write_nothing_but_artifacts_and_two_kinds_of_rows() {
    assertThat(actionsOf("ProxyDefaultPolicy"))
        .filteredOn(action -> !action.matches("(dynamodb|s3):(Batch)?(Get|List|Query).*"))
        .containsExactlyInAnyOrder(
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "kms:GenerateMac",
            "sqs:GetQueueAttributes",
            "sqs:SendMessage",
            "cloudwatch:GetMetricData",
            "sts:AssumeRole",
            "secretsmanager:GetSecretValue");
    assertThat(allowedTo("ProxyDefaultPolicy"))
        .filteredOn(s -> s.path("Action").toString().contains("s3:PutObject"))
        .singleElement()
        .satisfies(s -> assertThat(s.path("Resource").toString()).contains("ArtifactsBucket"));
    assertThat(allowedTo("ProxyDefaultPolicy"))
        .filteredOn(s -> Synthesized.texts(s.path("Action")).contains("dynamodb:UpdateItem"))
        .singleElement()
        .satisfies(s -> {
          assertThat(s.path("Resource").toString()).contains("Catalog");
          assertThat(s.at("/Condition/ForAllValues:StringEquals/dynamodb:LeadingKeys").toString())
              .contains("health", "cancelled-tokens");
        });
  }

  @Test
  void lets_mlflows_clean_up_delete_artifacts_and_read_none() {
    assertThat(actionsOf("Maintenance"))
        .filteredOn(action -> action.startsWith("s3:"))
        .containsExactlyInAnyOrder("s3:ListBucket", "s3:DeleteObject");
  }

  @Test
  void lets_readers_of_buckets_know_runs_and_permissions_and_nothing_else_of_mlflow() {
    assertThat(read("ProxyDefaultPolicy", "Tracking"))
        .containsExactlyInAnyOrder("run#*", "mlflow-users", "mlflow-roles", "experiments");
    assertThat(read("Api", "Tracking"))
        .containsExactlyInAnyOrder(
            "run#*",
            "registered-models",
            "model-versions",
            "mlflow-users",
            "mlflow-roles",
            "experiments");
  }

  @Test
  void lets_mlflow_know_buckets_and_labels_and_nothing_else_of_the_catalog() {
    assertThat(read("Mlflow", "Catalog")).containsExactlyInAnyOrder("buckets", "labels#*");
  }

  @Test
  void lets_what_posts_to_webhooks_read_those_and_decrypt_their_secrets() {
    assertThat(read("Webhooks", "Tracking")).containsExactly("webhooks");
    assertThat(allowedTo("Webhooks").filter(s -> s.toString().contains("kms:")))
        .singleElement()
        .satisfies(s -> assertThat(s.path("Action").asText()).isEqualTo("kms:Decrypt"));
  }

  /** The partitions of a table that a role may read, which is all that it may do with it. */
  private static List<String> read(String role, String table) {
    List<JsonNode> statements =
        allowedTo(role).filter(s -> s.path("Resource").toString().contains(table)).toList();

    assertThat(statements)
        .isNotEmpty()
        .allSatisfy(s ->
            assertThat(Synthesized.texts(s.path("Action")))
                .isSubsetOf("dynamodb:GetItem", "dynamodb:Query"));
    return statements.stream()
        .flatMap(s ->
            Synthesized.texts(s.at("/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys"))
                .stream())
        .toList();
  }

  @Test
  void sends_the_events_of_its_rules_to_its_queue_and_nowhere_else() {
    List<JsonNode> targets =
        allowedTo("Tasks")
            .filter(s -> Synthesized.texts(s.path("Action")).contains("events:PutTargets"))
            .toList();

    assertThat(targets)
        .singleElement()
        .satisfies(statement -> {
          assertThat(statement.at("/Condition/ForAllValues:ArnEquals/events:TargetArn").toString())
              .contains("EventsQueue");
          assertThat(statement.path("Resource").toString()).contains("rule/snapslice-*");
        });
  }

  @Test
  void reaches_only_the_buckets_and_keys_that_were_chosen() {
    String key = "arn:aws:kms:eu-west-1:111111111111:key/films";
    App app = Synthesized.app(Map.of("buckets", "films,music", "bucketKeys", key));
    Settings settings = Settings.from(app.getNode());
    StackProps properties = StackProps.builder().build();
    var data = new DataStack(app, properties, settings);

    Template template = Template.fromStack(new FunctionsStack(app, properties, settings, data));

    assertThat(statements(Synthesized.resources(template).stream()))
        .filteredOn(s -> Synthesized.texts(s.path("Action")).getFirst().startsWith("s3:"))
        .isNotEmpty()
        .allSatisfy(s ->
            assertThat(s.path("Resource").toString())
                .contains(":s3:::films", ":s3:::music")
                .doesNotContain(":s3:::*"));
    assertThat(statements(Synthesized.resources(template).stream()))
        .filteredOn(s -> Synthesized.texts(s.path("Action")).contains("kms:Decrypt"))
        .isNotEmpty()
        .allSatisfy(s -> assertThat(s.path("Resource").asText()).isEqualTo(key));
  }
}
