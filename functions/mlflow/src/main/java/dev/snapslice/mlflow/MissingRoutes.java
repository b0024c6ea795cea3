package dev.snapslice.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;

/**
 * What MLflow's own server answers and we do not: its UI is told that there is nothing where it
 * asks by itself, and everybody else that it is not implemented. Asked only where no other route
 * is, so a line that is not needed any more does no harm.
 */
final class MissingRoutes {
  /** A method, a path, and what MLflow's server answers when it has none of it. */
  private static final String EMPTY =
      """
      GET  2.0/mlflow/gateway-proxy {"endpoints": []}
      GET  3.0/mlflow/assistant/config {"providers": {}, "projects": {}, "remote_access_allowed": false}
      GET  3.0/mlflow/assistant/providers {"providers": []}
      GET  3.0/mlflow/gateway/budgets/list {}
      GET  3.0/mlflow/gateway/budgets/windows {}
      GET  3.0/mlflow/gateway/endpoints/bindings/list {}
      GET  3.0/mlflow/gateway/endpoints/list {}
      GET  3.0/mlflow/gateway/guardrails/list {}
      GET  3.0/mlflow/gateway/model-definitions/list {}
      GET  3.0/mlflow/gateway/secrets/config {"secrets_available": false, "using_default_passphrase": false}
      GET  3.0/mlflow/gateway/secrets/list {}
      GET  3.0/mlflow/gateway/supported-models {"models": []}
      GET  3.0/mlflow/gateway/supported-providers {"providers": []}
      POST 3.0/mlflow/issues/search {"next_page_token": ""}
      GET  3.0/mlflow/label-schemas/list {}
      GET  3.0/mlflow/prompt-optimization/jobs/search {}
      POST 3.0/mlflow/prompt-optimization/jobs/search {}
      GET  3.0/mlflow/review-queues/list {"next_page_token": ""}
      GET  3.0/mlflow/scorers/online-configs {"configs": []}
      GET  3.0/mlflow/ui-telemetry {"disable_ui_events": [], "disable_ui_telemetry": true, "ui_rollout_percentage": 0}
      POST 3.0/mlflow/ui-telemetry {"status": "disabled"}
      """;

  /** A path, then its methods. */
  private static final String NOT_IMPLEMENTED =
      """
      2.0/mlflow/gateway-proxy POST
      2.0/mlflow/runs/create-promptlab-run POST
      2.0/mlflow/runs/log-model POST
      3.0/mlflow/demo/delete POST
      3.0/mlflow/demo/generate POST
      3.0/mlflow/gateway/budgets/create POST
      3.0/mlflow/gateway/budgets/delete DELETE
      3.0/mlflow/gateway/budgets/get GET
      3.0/mlflow/gateway/budgets/update POST
      3.0/mlflow/gateway/endpoints/bindings/create POST
      3.0/mlflow/gateway/endpoints/bindings/delete DELETE
      3.0/mlflow/gateway/endpoints/create POST
      3.0/mlflow/gateway/endpoints/delete DELETE
      3.0/mlflow/gateway/endpoints/delete-tag DELETE
      3.0/mlflow/gateway/endpoints/get GET
      3.0/mlflow/gateway/endpoints/models/attach POST
      3.0/mlflow/gateway/endpoints/models/detach POST
      3.0/mlflow/gateway/endpoints/set-tag POST
      3.0/mlflow/gateway/endpoints/update POST
      3.0/mlflow/gateway/guardrails/add-to-endpoint POST
      3.0/mlflow/gateway/guardrails/create POST
      3.0/mlflow/gateway/guardrails/delete DELETE
      3.0/mlflow/gateway/guardrails/get GET
      3.0/mlflow/gateway/guardrails/list-for-endpoint GET
      3.0/mlflow/gateway/guardrails/remove-from-endpoint DELETE
      3.0/mlflow/gateway/guardrails/update-config PATCH
      3.0/mlflow/gateway/model-definitions/create POST
      3.0/mlflow/gateway/model-definitions/delete DELETE
      3.0/mlflow/gateway/model-definitions/get GET
      3.0/mlflow/gateway/model-definitions/update POST
      3.0/mlflow/gateway/provider-config GET
      3.0/mlflow/gateway/secrets/create POST
      3.0/mlflow/gateway/secrets/delete DELETE
      3.0/mlflow/gateway/secrets/get GET
      3.0/mlflow/gateway/secrets/update POST
      3.0/mlflow/genai/evaluate/invoke POST
      3.0/mlflow/issues POST
      3.0/mlflow/issues/invoke POST
      3.0/mlflow/issues/{issue_id} GET PATCH
      3.0/mlflow/jobs/cancel/{job_id} PATCH
      3.0/mlflow/jobs/{job_id} GET
      3.0/mlflow/label-schemas/create POST
      3.0/mlflow/label-schemas/delete DELETE
      3.0/mlflow/label-schemas/get GET
      3.0/mlflow/label-schemas/get-by-name GET
      3.0/mlflow/label-schemas/update PATCH
      3.0/mlflow/prompt-optimization/jobs POST
      3.0/mlflow/prompt-optimization/jobs/{job_id} DELETE GET
      3.0/mlflow/prompt-optimization/jobs/{job_id}/cancel POST
      3.0/mlflow/review-queues/create POST
      3.0/mlflow/review-queues/delete POST
      3.0/mlflow/review-queues/get GET
      3.0/mlflow/review-queues/get-by-name GET
      3.0/mlflow/review-queues/get-or-create-user POST
      3.0/mlflow/review-queues/items/add POST
      3.0/mlflow/review-queues/items/list GET
      3.0/mlflow/review-queues/items/remove POST
      3.0/mlflow/review-queues/items/set-status POST
      3.0/mlflow/review-queues/update POST
      3.0/mlflow/scorer/invoke POST
      3.0/mlflow/scorers/online-config PUT
      3.0/mlflow/workspaces GET POST
      3.0/mlflow/workspaces/{workspace_name} DELETE GET PATCH
      """;

  private MissingRoutes() {}

  static void addTo(Routes routes) {
    EMPTY.lines().forEach(line -> addEmpty(routes, line.split(" +", 3)));
    NOT_IMPLEMENTED.lines().forEach(line -> addMissing(routes, line.split(" ", -1)));
  }

  private static void addEmpty(Routes routes, String[] words) {
    String path = "/api/" + words[1];
    ObjectNode answer = Json.read(words[2], ObjectNode.class);
    if (words[0].equals("GET")) {
      routes.add("GET", path, call -> Reply.json(answer));
    } else {
      routes.search(path, List.of(), request -> Reply.json(answer));
    }
  }

  private static void addMissing(Routes routes, String[] words) {
    String path = "/api/" + words[0];
    for (String method : List.of(words).subList(1, words.length)) {
      routes.add(
          method,
          path,
          call -> {
            throw new MlflowException(
                Code.NOT_IMPLEMENTED, method + " " + path + " is not implemented here");
          });
    }
  }
}
