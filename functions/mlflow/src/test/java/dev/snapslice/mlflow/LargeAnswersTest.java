package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.runtime.GatewayEvent;
import org.junit.jupiter.api.Test;

/** Nothing that may be written makes an answer that Lambda does not hand over. */
class LargeAnswersTest {
  private static final String API = "/api/2.0/mlflow/";

  private final InProcess mlflow = new InProcess(Permission.MANAGE);
  private final String run = done("POST", "runs/create", message().put("experiment_id", "0")).run();

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  private InProcess.Answer done(String method, String path, ObjectNode message) {
    InProcess.Answer answer = mlflow.ask("me", Role.WRITER, method, API + path, message);
    assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
    assertThat(GatewayEvent.fits(Json.write(answer.json()))).as(path).isTrue();
    return answer;
  }

  @Test
  void a_run_of_many_long_parameters_is_told_with_the_beginnings_of_these() {
    for (int batch = 0; batch < 10; batch++) {
      ObjectNode log = message().put("run_id", run);
      for (int i = 0; i < 100; i++) {
        log.withArray("/params")
            .addObject()
            .put("key", "p%d-%d".formatted(batch, i))
            .put("value", "x".repeat(6_000));
      }
      done("POST", "runs/log-batch", log);
    }
    ObjectNode all = message();
    all.putArray("experiment_ids").add("0");

    for (JsonNode told :
        new JsonNode[] {
          done("GET", "runs/get", message().put("run_id", run)).json().path("run"),
          done("POST", "runs/search", all).json().at("/runs/0")
        }) {
      assertThat(told.at("/data/params")).hasSize(1_000);
      assertThat(told.at("/data/params/0/value").asText()).startsWith("xxx").endsWith("x…");
    }
  }

  @Test
  void a_chart_of_a_metric_with_a_long_name_has_fewer_points() {
    String key = "k".repeat(250);
    ObjectNode log = message().put("run_id", run);
    for (int batch = 0; batch < 15; batch++) {
      log.putArray("metrics");
      for (int i = 0; i < 1_000; i++) {
        log.withArray("/metrics")
            .addObject()
            .put("key", key)
            .put("value", -Math.E / (i + 1))
            .put("timestamp", 1_764_000_000_000L + i)
            .put("step", batch * 1_000 + i);
      }
      done("POST", "runs/log-batch", log);
    }

    JsonNode history =
        done("GET", "metrics/get-history-bulk", message().put("run_id", run).put("metric_key", key))
            .json();

    assertThat(history.path("metrics")).hasSizeBetween(10_000, 14_999);
  }

  @Test
  void a_model_of_many_metrics_is_told_with_the_last_of_them() {
    String model =
        done("POST", "logged-models", message().put("experiment_id", "0"))
            .json()
            .at("/model/info/model_id")
            .asText();
    ObjectNode log = message().put("run_id", run);
    for (int batch = 0; batch < 35; batch++) {
      log.putArray("metrics");
      for (int i = 0; i < 1_000; i++) {
        log.withArray("/metrics")
            .addObject()
            .put("key", "loss")
            .put("value", i)
            .put("timestamp", 1_764_000_000_000L + i)
            .put("step", batch * 1_000 + i)
            .put("model_id", model);
      }
      done("POST", "runs/log-batch", log);
    }

    JsonNode metrics =
        done("GET", "logged-models/" + model, message()).json().at("/model/data/metrics");

    assertThat(metrics).hasSize(5_000);
    assertThat(metrics.get(4_999).path("step").asInt()).isEqualTo(34_999);
  }
}
