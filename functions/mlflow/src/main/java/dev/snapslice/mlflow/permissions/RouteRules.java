package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each route asks of whom: a permission for what the call is about. Searches are open, and
 * leave out what may not be read. A route without a line here is for administrators. Thread-safe.
 */
public final class RouteRules {
  /**
   * A permission, for what ({@link Subjects}), the method and the path. {@code ANY} is for all who
   * are not denied.
   */
  private static final String RULES =
      """
      ANY    all-experiments   POST   2.0/mlflow/experiments/create
      READ   experiment        GET    2.0/mlflow/experiments/get
      READ   experiment-name   GET    2.0/mlflow/experiments/get-by-name
      READ   experiments       POST   2.0/mlflow/experiments/search-datasets
      EDIT   experiment        POST   2.0/mlflow/experiments/update
      EDIT   experiment        POST   2.0/mlflow/experiments/set-experiment-tag
      EDIT   experiment        POST   2.0/mlflow/experiments/delete-experiment-tag
      MANAGE experiment        POST   2.0/mlflow/experiments/delete
      MANAGE experiment        POST   2.0/mlflow/experiments/restore
      READ   run               GET    2.0/mlflow/runs/get
      EDIT   experiment        POST   2.0/mlflow/runs/create
      EDIT   run               POST   2.0/mlflow/runs/update
      EDIT   run-and-models    POST   2.0/mlflow/runs/log-metric
      EDIT   run-and-models    POST   2.0/mlflow/runs/log-batch
      EDIT   run-and-models    POST   2.0/mlflow/runs/log-inputs
      EDIT   run-and-models    POST   2.0/mlflow/runs/outputs
      EDIT   run               POST   2.0/mlflow/runs/log-parameter
      EDIT   run               POST   2.0/mlflow/runs/set-tag
      EDIT   run               POST   2.0/mlflow/runs/delete-tag
      MANAGE run               POST   2.0/mlflow/runs/delete
      MANAGE run               POST   2.0/mlflow/runs/restore
      READ   run               GET    2.0/mlflow/metrics/get-history
      READ   asked-runs        GET    2.0/mlflow/metrics/get-history-bulk
      READ   runs              GET    2.0/mlflow/metrics/get-history-bulk-interval
      READ   run               GET    2.0/mlflow/artifacts/list
      READ   run               POST   2.0/mlflow/artifacts/presigned-download-url
      EDIT   run-or-model      POST   2.0/mlflow/artifacts/presigned-upload-url
      READ   asked-run         GET    get-artifact
      EDIT   asked-run         POST   2.0/mlflow/upload-artifact
      READ   artifact-folder   GET    2.0/mlflow-artifacts/artifacts
      READ   artifact          GET    2.0/mlflow-artifacts/artifacts/{path*}
      READ   artifact          GET    2.0/mlflow-artifacts/presigned/{path*}
      EDIT   artifact          PUT    2.0/mlflow-artifacts/artifacts/{path*}
      MANAGE artifact          DELETE 2.0/mlflow-artifacts/artifacts/{path*}
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/create
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/create/{path*}
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/complete
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/complete/{path*}
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/abort
      EDIT   artifact          POST   2.0/mlflow-artifacts/mpu/abort/{path*}
      EDIT   experiment        POST   2.0/mlflow/logged-models
      READ   logged-model      GET    2.0/mlflow/logged-models/{id}
      EDIT   logged-model      PATCH  2.0/mlflow/logged-models/{id}
      MANAGE logged-model      DELETE 2.0/mlflow/logged-models/{id}
      EDIT   logged-model      POST   2.0/mlflow/logged-models/{id}/params
      EDIT   logged-model      PATCH  2.0/mlflow/logged-models/{id}/tags
      MANAGE logged-model      DELETE 2.0/mlflow/logged-models/{id}/tags/{key}
      READ   logged-model      GET    2.0/mlflow/logged-models/{id}/artifacts/directories
      READ   logged-model      GET    2.0/mlflow/logged-models/{id}/artifacts/files
      ANY    all-models        POST   2.0/mlflow/registered-models/create
      READ   model             GET    2.0/mlflow/registered-models/get
      READ   model             GET    2.0/mlflow/registered-models/get-latest-versions
      READ   model             POST   2.0/mlflow/registered-models/get-latest-versions
      READ   model             GET    2.0/mlflow/registered-models/alias
      EDIT   model             POST   2.0/mlflow/registered-models/alias
      MANAGE model             DELETE 2.0/mlflow/registered-models/alias
      EDIT   model             PATCH  2.0/mlflow/registered-models/update
      EDIT   model             POST   2.0/mlflow/registered-models/rename
      EDIT   model             POST   2.0/mlflow/registered-models/set-tag
      EDIT   model             DELETE 2.0/mlflow/registered-models/delete-tag
      MANAGE model             DELETE 2.0/mlflow/registered-models/delete
      EDIT   model             POST   2.0/mlflow/model-versions/create
      READ   version-sources   POST   2.0/mlflow/model-versions/create
      READ   model             GET    2.0/mlflow/model-versions/get
      READ   model             GET    2.0/mlflow/model-versions/get-download-uri
      READ   asked-model       GET    model-versions/get-artifact
      EDIT   model             PATCH  2.0/mlflow/model-versions/update
      EDIT   model             POST   2.0/mlflow/model-versions/transition-stage
      EDIT   model             POST   2.0/mlflow/model-versions/set-tag
      MANAGE model             DELETE 2.0/mlflow/model-versions/delete-tag
      MANAGE model             DELETE 2.0/mlflow/model-versions/delete
      EDIT   trace-start       POST   3.0/mlflow/traces
      READ   traces            GET    3.0/mlflow/traces/batchGet
      READ   traces            POST   3.0/mlflow/traces/batchGetInfos
      READ   trace-id          GET    3.0/mlflow/traces/get
      READ   trace             GET    3.0/mlflow/traces/{id}
      READ   locations         POST   3.0/mlflow/traces/search
      READ   experiments       GET    2.0/mlflow/traces
      READ   experiments       POST   3.0/mlflow/traces/calculate-filter-correlation
      READ   experiments       POST   3.0/mlflow/traces/metrics
      MANAGE experiment        POST   3.0/mlflow/traces/delete-traces
      MANAGE experiment        POST   2.0/mlflow/traces/delete-traces
      EDIT   trace             PATCH  2.0/mlflow/traces/{id}/tags
      EDIT   trace             DELETE 2.0/mlflow/traces/{id}/tags
      EDIT   trace             PATCH  3.0/mlflow/traces/{id}/tags
      EDIT   trace             DELETE 3.0/mlflow/traces/{id}/tags
      EDIT   run               POST   2.0/mlflow/traces/link-to-run
      READ   traces            POST   2.0/mlflow/traces/link-to-run
      EDIT   trace-id          POST   2.0/mlflow/traces/link-prompts
      EDIT   experiment        POST   2.0/mlflow/traces
      EDIT   trace             PATCH  2.0/mlflow/traces/{id}
      READ   trace             GET    2.0/mlflow/traces/{id}/info
      EDIT   trace             POST   3.0/mlflow/traces/{id}/assessments
      READ   trace             GET    3.0/mlflow/traces/{id}/assessments/{assessment}
      EDIT   trace             PATCH  3.0/mlflow/traces/{id}/assessments/{assessment}
      EDIT   trace             DELETE 3.0/mlflow/traces/{id}/assessments/{assessment}
      READ   asked-trace       GET    2.0/mlflow/get-trace-artifact
      READ   asked-trace       GET    3.0/mlflow/get-trace-artifact
      EDIT   spans             POST   v1/traces
      EDIT   experiments       POST   3.0/mlflow/datasets/create
      READ   experiments       GET    3.0/mlflow/datasets/search
      READ   experiments       POST   3.0/mlflow/datasets/search
      READ   dataset           GET    3.0/mlflow/datasets/{id}
      MANAGE dataset           DELETE 3.0/mlflow/datasets/{id}
      EDIT   dataset           PATCH  3.0/mlflow/datasets/{id}/tags
      EDIT   dataset           DELETE 3.0/mlflow/datasets/{id}/tags/{key}
      READ   dataset           GET    3.0/mlflow/datasets/{id}/experiment-ids
      EDIT   dataset           POST   3.0/mlflow/datasets/{id}/add-experiments
      EDIT   experiments       POST   3.0/mlflow/datasets/{id}/add-experiments
      EDIT   dataset           POST   3.0/mlflow/datasets/{id}/remove-experiments
      EDIT   dataset           POST   3.0/mlflow/datasets/{id}/records
      READ   dataset           GET    3.0/mlflow/datasets/{id}/records
      EDIT   dataset           DELETE 3.0/mlflow/datasets/{id}/records
      EDIT   experiment        POST   3.0/mlflow/scorers/register
      READ   experiment        GET    3.0/mlflow/scorers/versions
      READ   experiment        GET    3.0/mlflow/scorers/get
      MANAGE experiment        DELETE 3.0/mlflow/scorers/delete
      """;

  /** For everybody whose token's role is enough: they look at permissions themselves, if at all. */
  private static final String OPEN =
      """
      POST graphql
      GET  graphql
      GET  3.0/mlflow/server-info
      POST 2.0/mlflow/experiments/search
      GET  2.0/mlflow/experiments/search
      POST 2.0/mlflow/runs/search
      POST 2.0/mlflow/logged-models/search
      GET  2.0/mlflow/registered-models/search
      GET  2.0/mlflow/model-versions/search
      GET  3.0/mlflow/scorers/list
      GET  2.0/mlflow/users/current
      GET  3.0/mlflow/users/current/permissions
      GET  2.0/mlflow/users/get
      GET  2.0/mlflow/users/list
      GET  3.0/mlflow/users/roles/list
      GET  3.0/mlflow/users/permissions/list
      GET  3.0/mlflow/users/permissions/get
      POST 3.0/mlflow/users/permissions/grant
      POST 3.0/mlflow/users/permissions/revoke
      """;

  private final Map<String, List<Rule>> rules = new HashMap<>();

  private record Rule(Permission needed, Subject subject) {}

  /** Over what finds out what a call is about. */
  public RouteRules(Subjects subjects) {
    OPEN.lines().map(line -> line.split(" +")).forEach(line -> rules.put(name(line, 0), List.of()));
    RULES
        .lines()
        .map(line -> line.split(" +"))
        .forEach(line ->
            rules
                .computeIfAbsent(name(line, 2), route -> new ArrayList<>())
                .add(new Rule(needed(line[0]), subjects.named(line[1]))));
  }

  private static Permission needed(String word) {
    return word.equals("ANY") ? Permission.NO_PERMISSIONS : Permission.valueOf(word);
  }

  private static String name(String[] line, int method) {
    String path = line[method + 1];
    return line[method] + (path.matches("\\d.*") ? " /api/" : " /") + path;
  }

  /** Whether a route has a rule of its own. */
  public boolean know(Routes.Route route) {
    return rules.containsKey(route.name());
  }

  /**
   * Lets a call through to what answers it.
   *
   * @throws MlflowException if the caller may not do that
   */
  public void check(Routes.Found found, Access access) {
    List<Rule> all = rules.get(found.route().name());
    if (all == null
        ? !access.admin()
        : !all.stream().allMatch(rule -> holds(rule, found, access))) {
      throw MlflowException.denied();
    }
  }

  /** Looks for what a call is about only where that matters. */
  private static boolean holds(Rule rule, Routes.Found found, Access access) {
    Permission needed = rule.needed();
    if (rule.subject().kinds().stream().allMatch(kind -> access.everywhere(kind, needed))) {
      return true;
    }
    List<Owned> about = rule.subject().find().apply(found.call());
    return !about.isEmpty()
        && about.stream().allMatch(one -> access.may(needed, one.resource(), one.owner()));
  }
}
