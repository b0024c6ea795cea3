package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class FunctionsStackTest {
  private static final String FUNCTION = "AWS::Lambda::Function";
  private static final String MAPPING = "AWS::Lambda::EventSourceMapping";

  private static List<Resource> ours() {
    return Synthesized.of(FUNCTION).stream()
        .filter(function -> function.at("/Handler").asText().startsWith("dev.snapslice."))
        .toList();
  }

  @Test
  void installs_the_handlers() {
    assertThat(ours())
        .extracting(function -> function.at("/Handler").asText())
        .containsExactlyInAnyOrder(
            "dev.snapslice.ingest.IngestHandler",
            "dev.snapslice.maintenance.TaskHandler",
            "dev.snapslice.maintenance.ScheduleHandler",
            "dev.snapslice.api.ApiHandler",
            "dev.snapslice.api.AuthorizerHandler",
            "dev.snapslice.mlflow.MlflowHandler",
            "dev.snapslice.mlflow.MaintenanceHandler",
            "dev.snapslice.mlflow.WebhookHandler",
            "dev.snapslice.signin.SignInHandler");
  }

  @Test
  void runs_every_function_on_java_25_and_arm_from_a_snapshot_traced() {
    assertThat(ours())
        .allSatisfy(function -> {
          assertThat(function.at("/Runtime").asText()).isEqualTo("java25");
          assertThat(Synthesized.texts(function.at("/Architectures"))).containsExactly("arm64");
          assertThat(function.at("/SnapStart/ApplyOn").asText()).isEqualTo("PublishedVersions");
          assertThat(function.at("/TracingConfig/Mode").asText()).isEqualTo("Active");
        });
  }

  @Test
  void keeps_the_logs_of_every_function_for_a_month() {
    List<Resource> groups = Synthesized.of("AWS::Logs::LogGroup");

    assertThat(ours())
        .allSatisfy(function -> {
          String group = function.at("/LoggingConfig/LogGroup/Ref").asText();
          assertThat(groups)
              .filteredOn(found -> found.id().equals(group))
              .singleElement()
              .extracting(found -> found.at("/RetentionInDays").asInt())
              .isEqualTo(30);
        });
  }

  @Test
  void reaches_every_function_by_its_published_version() {
    List<Resource> aliases = Synthesized.of("AWS::Lambda::Alias");
    List<String> published = aliases.stream().map(Resource::id).toList();

    assertThat(aliases)
        .extracting(alias -> alias.at("/FunctionName/Ref").asText())
        .containsExactlyInAnyOrderElementsOf(ours().stream().map(Resource::id).toList());
    assertThat(Synthesized.of(MAPPING))
        .hasSize(3)
        .allSatisfy(mapping ->
            assertThat(mapping.at("/FunctionName").findValue("Ref").asText()).isIn(published));
    assertThat(
            Synthesized.the("AWS::Events::Rule", "EveryMinute").at("/Targets/0/Arn/Ref").asText())
        .isIn(published);
  }

  @Test
  void reserves_runs_for_ingest_and_takes_no_more_batches_at_once_than_those() {
    Template template = Synthesized.template("Functions");

    template.hasResourceProperties(
        FUNCTION,
        Map.of(
            "Handler", "dev.snapslice.ingest.IngestHandler", "ReservedConcurrentExecutions", 50));
    template.hasResourceProperties(
        MAPPING,
        Map.of(
            "BatchSize",
            1000,
            "FunctionResponseTypes",
            List.of("ReportBatchItemFailures"),
            "ScalingConfig",
            Map.of("MaximumConcurrency", 50)));
  }

  @Test
  void gives_a_run_one_maintenance_task() {
    Synthesized.template("Functions")
        .hasResourceProperties(
            MAPPING,
            Map.of(
                "BatchSize",
                1,
                "FunctionResponseTypes",
                List.of("ReportBatchItemFailures"),
                "ScalingConfig",
                Map.of("MaximumConcurrency", 20)));
  }

  @Test
  void asks_every_minute_what_is_due() {
    Synthesized.template("Functions")
        .hasResourceProperties(
            "AWS::Events::Rule",
            Match.objectLike(Map.of("ScheduleExpression", "rate(1 minute)", "State", "ENABLED")));
  }

  /** The names are those that core's {@code Installation} reads, and powertools'. */
  @Test
  void tells_every_function_what_is_installed() {
    assertThat(ours())
        .filteredOn(function -> !function.at("/Handler").asText().matches(".*(mlflow|signin).*"))
        .allSatisfy(function -> {
          JsonNode variables = function.at("/Environment/Variables");
          assertThat(variables.properties())
              .extracting(Map.Entry::getKey)
              .contains(
                  "SNAPSLICE_INDEX_TABLE",
                  "SNAPSLICE_CATALOG_TABLE",
                  "SNAPSLICE_TRACKING_TABLE",
                  "SNAPSLICE_EVENTS_QUEUE_URL",
                  "SNAPSLICE_EVENTS_QUEUE_ARN",
                  "SNAPSLICE_EVENTS_DLQ_URL",
                  "SNAPSLICE_TASKS_QUEUE_URL",
                  "SNAPSLICE_KEY_ID",
                  "SNAPSLICE_SETTLE_SECONDS",
                  "POWERTOOLS_SERVICE_NAME");
          assertThat(variables.path("POWERTOOLS_METRICS_NAMESPACE").asText())
              .isEqualTo("Snapslice");
        });
  }
}
