package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;

class MonitoringStackTest {
  private static final String ALARM = "AWS::CloudWatch::Alarm";
  private static final String METRIC = "/Metrics/0/MetricStat/Metric";
  private static final List<String> FUNCTIONS =
      List.of(
          "Ingest",
          "Tasks",
          "Schedule",
          "Api",
          "Authorizer",
          "Mlflow",
          "Maintenance",
          "Webhooks",
          "SignIn");

  private static Stream<String> named(List<String> whats, String... suffixes) {
    return whats.stream().flatMap(what -> Stream.of(suffixes).map(suffix -> what + suffix));
  }

  @Test
  void has_an_alarm_for_everything_that_goes_wrong() {
    List<String> expected =
        Stream.of(
                named(List.of("Events", "Tasks", "Webhooks"), "DeadLetters", "Age"),
                named(FUNCTIONS, "Errors", "Throttles", "Duration"),
                named(List.of("Index", "Catalog", "Tracking"), "Throttles"),
                named(List.of("Tokens", "Signed", "MlflowTokens", "MlflowSigned"), "ServerErrors"),
                named(List.of("Proxy"), "Unhealthy", "Resets", "Processors", "Memory"),
                Stream.of("ReconcileDrift"))
            .flatMap(names -> names)
            .toList();

    assertThat(Synthesized.of(ALARM))
        .extracting(alarm -> alarm.id().replaceFirst("[0-9A-F]{8}$", ""))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void tells_the_topic_when_an_alarm_begins_and_ends() {
    String topic = Synthesized.the("AWS::SNS::Topic", "Alarms").id();

    assertThat(Synthesized.of(ALARM))
        .allSatisfy(alarm -> {
          assertThat(alarm.at("/AlarmActions/0/Ref").asText()).isEqualTo(topic);
          assertThat(alarm.at("/OKActions/0/Ref").asText()).isEqualTo(topic);
          assertThat(alarm.at("/AlarmDescription").asText()).startsWith("Snapslice: ");
        });
  }

  @Test
  void goes_off_at_the_first_dead_letter() {
    for (String queue : List.of("Events", "Tasks", "Webhooks")) {
      Resource alarm = Synthesized.the(ALARM, queue + "DeadLetters");

      assertThat(alarm.at(METRIC + "/MetricName").asText())
          .isEqualTo("ApproximateNumberOfMessagesVisible");
      assertThat(alarm.at(METRIC + "/Dimensions/0/Value").toString())
          .contains(queue + "DeadLetters");
      assertThat(alarm.at("/Threshold").asInt()).isZero();
      assertThat(alarm.at("/EvaluationPeriods").asInt()).isEqualTo(1);
      assertThat(alarm.at("/ComparisonOperator").asText()).isEqualTo("GreaterThanThreshold");
    }
  }

  @Test
  void goes_off_when_events_wait_for_five_minutes() {
    Resource alarm = Synthesized.the(ALARM, "EventsAge");

    assertThat(alarm.at(METRIC + "/MetricName").asText())
        .isEqualTo("ApproximateAgeOfOldestMessage");
    assertThat(alarm.at("/Threshold").asInt()).isEqualTo(300);
  }

  /** The metric's name and dimension are those that maintenance writes. */
  @Test
  void goes_off_when_a_reconcile_finds_drift() {
    Synthesized.template("Monitoring")
        .hasResourceProperties(
            ALARM,
            Match.objectLike(
                Map.of(
                    "Namespace",
                    "Snapslice",
                    "MetricName",
                    "ReconcileDrift",
                    "Dimensions",
                    List.of(Map.of("Name", "service", "Value", "tasks")),
                    "Threshold",
                    0)));
  }

  @Test
  void shows_alarms_queues_functions_tables_apis_and_proxies_on_one_dashboard() {
    Resource dashboard = Synthesized.the("AWS::CloudWatch::Dashboard", "Dashboard");

    assertThat(dashboard.at("/DashboardName").asText()).isEqualTo("Snapslice");
    assertThat(dashboard.at("/DashboardBody").toString())
        .contains(
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "ReconcileDrift",
            "Invocations",
            "ConsumedWriteCapacityUnits",
            "ThrottledRequests",
            "AWS/ApiGateway",
            "REST API: requests",
            "MLflow: requests",
            "MLflow: write and read capacity",
            "AWS/NetworkELB");
  }

  @Test
  void lets_nobody_publish_without_tls() {
    Resource policy = Synthesized.of("AWS::SNS::TopicPolicy").getFirst();

    assertThat(Synthesized.stream(policy.at("/PolicyDocument/Statement")))
        .anySatisfy(statement -> {
          assertThat(statement.path("Effect").asText()).isEqualTo("Deny");
          assertThat(statement.at("/Condition/Bool/aws:SecureTransport").asText())
              .isEqualTo("false");
        });
  }
}
