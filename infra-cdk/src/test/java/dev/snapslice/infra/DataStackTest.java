package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Template;

class DataStackTest {
  private static final String TABLE = "AWS::DynamoDB::Table";
  private static final String QUEUE = "AWS::SQS::Queue";

  @Test
  void keeps_tables_encrypted_restorable_and_safe_from_deletion() {
    List<Resource> tables = Synthesized.of(TABLE);

    assertThat(tables)
        .hasSize(3)
        .allSatisfy(table -> {
          assertThat(table.at("/SSESpecification/SSEEnabled").asBoolean()).isTrue();
          assertThat(
                  table
                      .at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled")
                      .asBoolean())
              .isTrue();
          assertThat(table.at("/DeletionProtectionEnabled").asBoolean()).isTrue();
          assertThat(table.at("/BillingMode").asText()).isEqualTo("PAY_PER_REQUEST");
          assertThat(table.whole().path("DeletionPolicy").asText()).isEqualTo("Retain");
          assertThat(table.whole().path("UpdateReplacePolicy").asText()).isEqualTo("Retain");
        });
  }

  @Test
  void gives_tables_the_keys_that_core_writes() {
    Template template = Synthesized.template("Data");

    template.hasResourceProperties(TABLE, keys("S", "B"));
    template.hasResourceProperties(TABLE, keys("S", "S"));
  }

  private static Map<String, Object> keys(String partition, String sort) {
    return Map.of(
        "KeySchema",
        List.of(
            Map.of("AttributeName", "pk", "KeyType", "HASH"),
            Map.of("AttributeName", "sk", "KeyType", "RANGE")),
        "AttributeDefinitions",
        List.of(
            Map.of("AttributeName", "pk", "AttributeType", partition),
            Map.of("AttributeName", "sk", "AttributeType", sort)));
  }

  @Test
  void lets_rows_expire_in_the_catalog_and_none_in_the_index() {
    JsonNode catalog = Synthesized.the(TABLE, "Catalog").at("/TimeToLiveSpecification");
    JsonNode index = Synthesized.the(TABLE, "Index").at("/TimeToLiveSpecification");

    assertThat(catalog.path("AttributeName").asText()).isEqualTo("expires");
    assertThat(catalog.path("Enabled").asBoolean()).isTrue();
    assertThat(index.isMissingNode()).isTrue();
  }

  @Test
  void keeps_messages_as_long_as_sqs_can_under_its_own_key() {
    List<Resource> queues = Synthesized.of(QUEUE);

    assertThat(queues)
        .hasSize(6)
        .allSatisfy(queue -> {
          assertThat(queue.at("/MessageRetentionPeriod").asInt()).isEqualTo(14 * 24 * 3600);
          assertThat(queue.at("/SqsManagedSseEnabled").asBoolean()).isTrue();
          assertThat(queue.at("/KmsMasterKeyId").isMissingNode()).isTrue();
        });
  }

  @Test
  void lays_aside_what_failed_five_times_and_nothing_before() {
    for (String name : List.of("Events", "Tasks", "Webhooks")) {
      JsonNode redrive = Synthesized.the(QUEUE, name + "Queue").at("/RedrivePolicy");

      assertThat(redrive.path("maxReceiveCount").asInt()).isEqualTo(5);
      assertThat(redrive.at("/deadLetterTargetArn/Fn::GetAtt/0").asText())
          .isEqualTo(Synthesized.the(QUEUE, name + "DeadLetters").id());
    }
  }

  @Test
  void hides_a_message_for_six_runs_of_the_function_that_has_it() {
    assertThat(Synthesized.the(QUEUE, "EventsQueue").at("/VisibilityTimeout").asInt())
        .isEqualTo(6 * 60);
    assertThat(Synthesized.the(QUEUE, "TasksQueue").at("/VisibilityTimeout").asInt())
        .isEqualTo(6 * 5 * 60);
  }

  @Test
  void takes_nothing_without_tls_into_any_queue() {
    List<JsonNode> denied =
        Synthesized.of("AWS::SQS::QueuePolicy").stream()
            .flatMap(policy -> Synthesized.stream(policy.at("/PolicyDocument/Statement")))
            .filter(statement -> statement.path("Effect").asText().equals("Deny"))
            .toList();

    assertThat(denied)
        .extracting(statement -> statement.at("/Resource/Fn::GetAtt/0").asText())
        .containsExactlyInAnyOrderElementsOf(
            Synthesized.of(QUEUE).stream().map(Resource::id).toList());
    assertThat(denied)
        .allSatisfy(statement -> {
          assertThat(statement.path("Action").asText()).isEqualTo("sqs:*");
          assertThat(statement.at("/Principal/AWS").asText()).isEqualTo("*");
          assertThat(statement.at("/Condition/Bool/aws:SecureTransport").asText())
              .isEqualTo("false");
        });
  }

  @Test
  void takes_events_of_the_named_accounts_only() {
    Template template = dataOf(Map.of("bucketAccounts", "111111111111"));

    List<JsonNode> allowed =
        Synthesized.of(Synthesized.resources(template).stream(), "AWS::SQS::QueuePolicy").stream()
            .flatMap(policy -> Synthesized.stream(policy.at("/PolicyDocument/Statement")))
            .filter(statement -> statement.path("Effect").asText().equals("Allow"))
            .toList();

    assertThat(allowed)
        .extracting(statement -> statement.at("/Principal/Service").asText())
        .containsExactlyInAnyOrder("s3.amazonaws.com", "events.amazonaws.com");
    assertThat(allowed)
        .allSatisfy(statement -> {
          assertThat(statement.path("Action").asText()).isEqualTo("sqs:SendMessage");
          assertThat(statement.path("Condition").toString()).contains("111111111111");
          assertThat(statement.path("Condition").toString()).contains("AWS::AccountId");
        });
  }

  @Test
  void derives_secrets_with_a_key_that_outlives_the_stack() {
    Resource key = Synthesized.the("AWS::KMS::Key", "Secrets");

    assertThat(key.at("/KeySpec").asText()).isEqualTo("HMAC_256");
    assertThat(key.at("/KeyUsage").asText()).isEqualTo("GENERATE_VERIFY_MAC");
    assertThat(key.whole().path("DeletionPolicy").asText()).isEqualTo("Retain");
  }

  @Test
  void lets_go_of_everything_when_only_tried_out() {
    Template template = dataOf(Map.of("protect", "false"));

    assertThat(Synthesized.of(Synthesized.resources(template).stream(), TABLE))
        .hasSize(3)
        .allSatisfy(table -> {
          assertThat(table.whole().path("DeletionPolicy").asText()).isEqualTo("Delete");
          assertThat(table.at("/DeletionProtectionEnabled").asBoolean()).isFalse();
        });
  }

  private static Template dataOf(Map<String, Object> choices) {
    App app = Synthesized.app(choices);
    return Template.fromStack(
        new DataStack(app, StackProps.builder().build(), Settings.from(app.getNode())));
  }
}
