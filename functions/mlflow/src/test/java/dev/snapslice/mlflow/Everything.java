package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of everything that MLflow keeps, all calls that change it, and all reads that show it. */
final class Everything {
  /** An id to remember (or -), where the answer has it, and the call that makes it. */
  private static final String MADE =
      """
      e /experiment_id POST 2.0/mlflow/experiments/create {name: 'e', tags: [{key: 't', value: '1'}]}
      f /experiment_id POST 2.0/mlflow/experiments/create {name: 'f'}
      gone /experiment_id POST 2.0/mlflow/experiments/create {name: 'gone'}
      - - POST 2.0/mlflow/experiments/delete {experiment_id: '$gone'}
      m /model/info/model_id POST 2.0/mlflow/logged-models {experiment_id: '$e', name: 'm', params: [{key: 'p', value: '1'}], tags: [{key: 't', value: '1'}]}
      n /model/info/model_id POST 2.0/mlflow/logged-models {experiment_id: '$e', name: 'n'}
      r /run/info/run_id POST 2.0/mlflow/runs/create {experiment_id: '$e', run_name: 'r', start_time: 1, tags: [{key: 't', value: '1'}]}
      - - POST 2.0/mlflow/runs/log-batch {run_id: '$r', metrics: [{key: 'loss', value: 1, timestamp: 1, step: 1, model_id: '$m'}], params: [{key: 'p', value: '1'}]}
      - - POST 2.0/mlflow/runs/log-inputs {run_id: '$r', datasets: [{tags: [], dataset: {name: 'd', digest: '1', source_type: 's', source: 's'}}]}
      ended /run/info/run_id POST 2.0/mlflow/runs/create {experiment_id: '$e', run_name: 'ended', start_time: 2, tags: [{key: 't', value: '1'}]}
      - - POST 2.0/mlflow/runs/update {run_id: '$ended', status: 'FINISHED', end_time: 3}
      deleted /run/info/run_id POST 2.0/mlflow/runs/create {experiment_id: '$e', run_name: 'deleted', start_time: 3}
      - - POST 2.0/mlflow/runs/delete {run_id: '$deleted'}
      - - POST 2.0/mlflow/registered-models/create {name: 'a', tags: [{key: 't', value: '1'}]}
      - - POST 2.0/mlflow/model-versions/create {name: 'a', source: 'runs:/$r/m', run_id: '$r', tags: [{key: 't', value: '1'}]}
      - - POST 2.0/mlflow/model-versions/create {name: 'a', source: 'runs:/$r/m', run_id: '$r'}
      - - POST 2.0/mlflow/model-versions/transition-stage {name: 'a', version: '1', stage: 'Staging'}
      - - POST 2.0/mlflow/registered-models/alias {name: 'a', alias: 'best', version: '1'}
      - - POST 3.0/mlflow/traces {trace: {trace_info: {trace_id: 'tr-$hex', trace_location: {mlflow_experiment: {experiment_id: '$e'}}, request_time: '2026-01-01T00:00:00Z', state: 'OK', tags: {t: '1'}}}}
      - - POST /v1/traces {experiment_id: '$e', resourceSpans: [{scopeSpans: [{spans: [{traceId: '$hex', spanId: '0000000000000001', name: 's', startTimeUnixNano: '1', endTimeUnixNano: '2'}]}]}]}
      - - POST 3.0/mlflow/traces {trace: {trace_info: {trace_id: 'tr-$dead', trace_location: {mlflow_experiment: {experiment_id: '$e'}}, request_time: '2026-01-01T00:00:00Z', state: 'OK'}}}
      - - POST 3.0/mlflow/traces/delete-traces {experiment_id: '$e', request_ids: ['tr-$dead']}
      as /assessment/assessment_id POST 3.0/mlflow/traces/tr-$hex/assessments {assessment: {trace_id: 'tr-$hex', assessment_name: 'a', feedback: {value: 1}}}
      - - POST 3.0/mlflow/scorers/register {experiment_id: '$e', name: 's', serialized_scorer: '{\\"a\\": 1}'}
      - - POST 3.0/mlflow/scorers/register {experiment_id: '$e', name: 's', serialized_scorer: '{\\"a\\": 2}'}
      d /dataset/dataset_id POST 3.0/mlflow/datasets/create {name: 'd', experiment_ids: ['$e'], tags: '{\\"t\\": \\"1\\"}'}
      - - POST 3.0/mlflow/datasets/$d/records {records: '[{\\"inputs\\": {\\"a\\": 1}}, {\\"inputs\\": {\\"a\\": 2}}]'}
      - - POST 2.0/mlflow/users/create {username: 'ann', password: 'long enough, yes'}
      - - POST 2.0/mlflow/users/create {username: 'eve', password: 'long enough, yes'}
      - - POST 3.0/mlflow/users/permissions/grant {username: 'ann', resource_type: 'experiment', resource_id: '$e', permission: 'READ'}
      role /role/id POST 3.0/mlflow/roles/create {name: 'films', workspace: 'default'}
      given /role_permission/id POST 3.0/mlflow/roles/permissions/add {role_id: $role, resource_type: 'experiment', resource_pattern: '$e', permission: 'READ'}
      - - POST 3.0/mlflow/roles/assign {username: 'ann', role_id: $role}
      - - POST 3.0/mlflow/users/permissions/grant {username: 'ann', resource_type: 'registered_model', resource_id: 'a', permission: 'READ'}
      hook /webhook/webhook_id POST 2.0/mlflow/webhooks {name: 'h', url: 'https://93.184.216.34/hook', events: [{entity: 'REGISTERED_MODEL', action: 'CREATED'}, {entity: 'MODEL_VERSION', action: 'CREATED'}, {entity: 'MODEL_VERSION_TAG', action: 'SET'}, {entity: 'PROMPT_TAG', action: 'SET'}]}
      """;

  private static final String CHANGES =
      """
      POST 2.0/mlflow/experiments/create {name: 'new', tags: [{key: 't', value: '1'}]}
      POST 2.0/mlflow/experiments/update {experiment_id: '$e', new_name: 'new'}
      POST 2.0/mlflow/experiments/set-experiment-tag {experiment_id: '$e', key: 't', value: '2'}
      POST 2.0/mlflow/experiments/delete-experiment-tag {experiment_id: '$e', key: 't'}
      POST 2.0/mlflow/experiments/delete {experiment_id: '$e'}
      POST 2.0/mlflow/experiments/restore {experiment_id: '$gone'}
      POST 2.0/mlflow/runs/create {experiment_id: '$e', run_name: 'new', start_time: 4, tags: [{key: 't', value: '1'}, {key: 'long', value: '$long'}]}
      POST 2.0/mlflow/runs/update {run_id: '$r', status: 'FINISHED', end_time: 9, run_name: 'other'}
      POST 2.0/mlflow/runs/update {run_id: '$ended', run_name: 'other'}
      POST 2.0/mlflow/runs/log-metric {run_id: '$r', key: 'loss', value: 2, timestamp: 2, step: 2}
      POST 2.0/mlflow/runs/log-metric {run_id: '$ended', key: 'loss', value: 2, timestamp: 2, step: 2}
      POST 2.0/mlflow/runs/log-metric {run_id: '$r', key: 'loss', value: 2, timestamp: 2, step: 2, model_id: '$m'}
      POST 2.0/mlflow/runs/log-batch {run_id: '$ended', metrics: [{key: 'loss', value: 2, timestamp: 2, step: 2, model_id: '$m'}, {key: 'loss', value: 3, timestamp: 3, step: 3}], params: [{key: 'q', value: '$long'}], tags: [{key: 't', value: '2'}]}
      POST 2.0/mlflow/runs/log-parameter {run_id: '$r', key: 'q', value: '$long'}
      POST 2.0/mlflow/runs/set-tag {run_id: '$ended', key: 't', value: '$long'}
      POST 2.0/mlflow/runs/delete-tag {run_id: '$ended', key: 't'}
      POST 2.0/mlflow/runs/log-inputs {run_id: '$r', datasets: [{tags: [{key: 'mlflow.data.context', value: 'c'}], dataset: {name: 'd', digest: '2', source_type: 's', source: 's'}}, {tags: [], dataset: {name: 'd', digest: '3', source_type: 's', source: 's'}}], models: [{model_id: '$m'}, {model_id: '$n'}]}
      POST 2.0/mlflow/runs/outputs {run_id: '$r', models: [{model_id: '$m', step: 1}, {model_id: '$n', step: 2}]}
      POST 2.0/mlflow/runs/delete {run_id: '$ended'}
      POST 2.0/mlflow/runs/restore {run_id: '$deleted'}
      POST 2.0/mlflow/logged-models {experiment_id: '$e', name: 'new', params: [{key: 'p', value: '1'}], tags: [{key: 't', value: '1'}]}
      PATCH 2.0/mlflow/logged-models/$m {model_id: '$m', status: 'LOGGED_MODEL_READY'}
      POST 2.0/mlflow/logged-models/$m/params {model_id: '$m', params: [{key: 'q', value: '1'}, {key: 'r', value: '2'}]}
      PATCH 2.0/mlflow/logged-models/$m/tags {tags: [{key: 't', value: '2'}, {key: 'u', value: '3'}]}
      DELETE 2.0/mlflow/logged-models/$m/tags/t {}
      DELETE 2.0/mlflow/logged-models/$m {}
      POST 2.0/mlflow/registered-models/create {name: 'new', tags: [{key: 't', value: '1'}]}
      PATCH 2.0/mlflow/registered-models/update {name: 'a', description: 'other'}
      POST 2.0/mlflow/registered-models/rename {name: 'a', new_name: 'new'}
      POST 2.0/mlflow/registered-models/set-tag {name: 'a', key: 't', value: '2'}
      DELETE 2.0/mlflow/registered-models/delete-tag {name: 'a', key: 't'}
      POST 2.0/mlflow/registered-models/alias {name: 'a', alias: 'best', version: '2'}
      DELETE 2.0/mlflow/registered-models/alias {name: 'a', alias: 'best'}
      DELETE 2.0/mlflow/registered-models/delete {name: 'a'}
      POST 2.0/mlflow/model-versions/create {name: 'a', source: 'models:/$m', model_id: '$m', tags: [{key: 't', value: '1'}]}
      PATCH 2.0/mlflow/model-versions/update {name: 'a', version: '1', description: 'other'}
      POST 2.0/mlflow/model-versions/transition-stage {name: 'a', version: '2', stage: 'Staging', archive_existing_versions: true}
      POST 2.0/mlflow/model-versions/set-tag {name: 'a', version: '1', key: 't', value: '2'}
      DELETE 2.0/mlflow/model-versions/delete-tag {name: 'a', version: '1', key: 't'}
      DELETE 2.0/mlflow/model-versions/delete {name: 'a', version: '1'}
      POST 3.0/mlflow/traces {trace: {trace_info: {trace_id: 'tr-$other', trace_location: {mlflow_experiment: {experiment_id: '$e'}}, request_time: '2026-01-02T00:00:00Z', state: 'OK', tags: {t: '1'}}}}
      POST 3.0/mlflow/traces {trace: {trace_info: {trace_id: 'tr-$hex', trace_location: {mlflow_experiment: {experiment_id: '$e'}}, request_time: '2025-01-01T00:00:00Z', state: 'ERROR', tags: {t: '2'}}}}
      POST /v1/traces {experiment_id: '$e', resourceSpans: [{scopeSpans: [{spans: [{traceId: '$other', spanId: '0000000000000001', name: 's', startTimeUnixNano: '1', endTimeUnixNano: '2'}, {traceId: '$other', spanId: '0000000000000002', parentSpanId: '0000000000000001', name: 't', startTimeUnixNano: '1', endTimeUnixNano: '2'}]}]}]}
      POST /v1/traces {experiment_id: '$e', resourceSpans: [{scopeSpans: [{spans: [{traceId: '$hex', spanId: '0000000000000002', name: 't', startTimeUnixNano: '1', endTimeUnixNano: '2'}]}]}]}
      POST /v1/traces {experiment_id: '$e', resourceSpans: [{scopeSpans: [{spans: [{traceId: '$dead', spanId: '0000000000000001', name: 's', startTimeUnixNano: '1', endTimeUnixNano: '2'}]}]}]}
      PATCH 2.0/mlflow/traces/tr-$hex/tags {key: 't', value: '2'}
      PATCH 3.0/mlflow/traces/tr-$hex/tags {key: 't', value: '2'}
      DELETE 2.0/mlflow/traces/tr-$hex/tags {key: 't'}
      DELETE 3.0/mlflow/traces/tr-$hex/tags {key: 't'}
      POST 2.0/mlflow/traces/link-to-run {trace_ids: ['tr-$hex'], run_id: '$r'}
      POST 2.0/mlflow/traces/link-prompts {trace_id: 'tr-$hex', prompt_versions: [{name: 'p', version: '1'}, {name: 'q', version: '2'}]}
      POST 2.0/mlflow/traces {experiment_id: '$e', timestamp_ms: 5, request_metadata: [{key: 'k', value: 'v'}], tags: [{key: 't', value: '1'}]}
      PATCH 2.0/mlflow/traces/tr-$hex {timestamp_ms: 7, status: 'ERROR', tags: [{key: 't', value: '2'}]}
      POST 3.0/mlflow/traces/tr-$hex/assessments {assessment: {trace_id: 'tr-$hex', assessment_name: 'a', feedback: {value: 2}, overrides: '$as'}}
      PATCH 3.0/mlflow/traces/tr-$hex/assessments/$as {assessment: {assessment_id: '$as', trace_id: 'tr-$hex', feedback: {value: 3}}, update_mask: 'feedback'}
      DELETE 3.0/mlflow/traces/tr-$hex/assessments/$as {}
      POST 2.0/mlflow/traces/delete-traces {experiment_id: '$e', request_ids: ['tr-$hex']}
      POST 3.0/mlflow/traces/delete-traces {experiment_id: '$e', request_ids: ['tr-$hex']}
      POST 3.0/mlflow/scorers/register {experiment_id: '$e', name: 's', serialized_scorer: '{\\"a\\": 3}'}
      POST 3.0/mlflow/scorers/register {experiment_id: '$e', name: 'new', serialized_scorer: '{\\"a\\": 3}'}
      DELETE 3.0/mlflow/scorers/delete {experiment_id: '$e', name: 's', version: 2}
      DELETE 3.0/mlflow/scorers/delete {experiment_id: '$e', name: 's'}
      POST 3.0/mlflow/datasets/create {name: 'new', experiment_ids: ['$e'], tags: '{\\"t\\": \\"1\\"}'}
      PATCH 3.0/mlflow/datasets/$d/tags {tags: '{\\"t\\": \\"2\\", \\"u\\": \\"3\\"}'}
      DELETE 3.0/mlflow/datasets/$d/tags/t {}
      POST 3.0/mlflow/datasets/$d/add-experiments {experiment_ids: ['$f']}
      POST 3.0/mlflow/datasets/$d/remove-experiments {experiment_ids: ['$e']}
      POST 3.0/mlflow/datasets/$d/records {records: '[{\\"inputs\\": {\\"a\\": 1}, \\"tags\\": {\\"t\\": \\"1\\"}}, {\\"inputs\\": {\\"a\\": 3}}]'}
      DELETE 3.0/mlflow/datasets/$d/records {dataset_record_ids: ['$record', 'none']}
      DELETE 3.0/mlflow/datasets/$d {}
      POST 2.0/mlflow/users/create {username: 'new', password: 'long enough, yes'}
      PATCH 2.0/mlflow/users/update-admin {username: 'ann', is_admin: true}
      DELETE 2.0/mlflow/users/delete {username: 'ann'}
      POST 3.0/mlflow/users/permissions/grant {username: 'ann', resource_type: 'experiment', resource_id: '$f', permission: 'EDIT'}
      POST 3.0/mlflow/users/permissions/revoke {username: 'ann', resource_type: 'experiment', resource_id: '$e'}
      POST 3.0/mlflow/roles/create {name: 'new', workspace: 'default', description: 'd'}
      PATCH 3.0/mlflow/roles/update {role_id: $role, name: 'new', description: 'd'}
      DELETE 3.0/mlflow/roles/delete {role_id: $role}
      POST 3.0/mlflow/roles/permissions/add {role_id: $role, resource_type: 'experiment', resource_pattern: '$f', permission: 'READ'}
      PATCH 3.0/mlflow/roles/permissions/update {role_permission_id: $given, permission: 'EDIT'}
      DELETE 3.0/mlflow/roles/permissions/remove {role_permission_id: $given}
      POST 3.0/mlflow/roles/assign {username: 'eve', role_id: $role}
      DELETE 3.0/mlflow/roles/unassign {username: 'ann', role_id: $role}
      POST 2.0/mlflow/webhooks {name: 'new', url: 'https://93.184.216.34/new', events: [{entity: 'PROMPT', action: 'CREATED'}]}
      PATCH 2.0/mlflow/webhooks/$hook {name: 'new', url: 'https://93.184.216.34/new', events: [{entity: 'PROMPT', action: 'CREATED'}]}
      DELETE 2.0/mlflow/webhooks/$hook {}
      """;

  /** Of what has an id that nobody knows yet, searches tell the id. */
  private static final String READS =
      """
      GET 2.0/mlflow/experiments/get {experiment_id: '$e'}
      GET 2.0/mlflow/experiments/get {experiment_id: '$gone'}
      GET 2.0/mlflow/experiments/get-by-name {experiment_name: 'e'}
      GET 2.0/mlflow/experiments/get-by-name {experiment_name: 'new'}
      POST 2.0/mlflow/experiments/search {view_type: 'ALL'}
      POST 2.0/mlflow/experiments/search {view_type: 'ACTIVE_ONLY'}
      POST 2.0/mlflow/experiments/search-datasets {experiment_ids: ['$e']}
      GET 2.0/mlflow/runs/get {run_id: '$r'}
      GET 2.0/mlflow/runs/get {run_id: '$ended'}
      GET 2.0/mlflow/runs/get {run_id: '$deleted'}
      POST 2.0/mlflow/runs/search {experiment_ids: ['$e'], run_view_type: 'ALL'}
      POST 2.0/mlflow/runs/search {experiment_ids: ['$e'], run_view_type: 'ACTIVE_ONLY'}
      GET 2.0/mlflow/metrics/get-history {run_id: '$r', metric_key: 'loss'}
      GET 2.0/mlflow/metrics/get-history {run_id: '$ended', metric_key: 'loss'}
      GET 2.0/mlflow/logged-models/$m {}
      POST 2.0/mlflow/logged-models/search {experiment_ids: ['$e']}
      GET 2.0/mlflow/registered-models/get {name: 'a'}
      GET 2.0/mlflow/registered-models/get {name: 'new'}
      GET 2.0/mlflow/registered-models/search {}
      GET 2.0/mlflow/registered-models/get-latest-versions {name: 'a'}
      GET 2.0/mlflow/registered-models/alias {name: 'a', alias: 'best'}
      GET 2.0/mlflow/model-versions/get {name: 'a', version: '1'}
      GET 2.0/mlflow/model-versions/get {name: 'a', version: '2'}
      GET 2.0/mlflow/model-versions/get-download-uri {name: 'a', version: '1'}
      GET 2.0/mlflow/model-versions/search {}
      GET 3.0/mlflow/traces/get {trace_id: 'tr-$hex', allow_partial: true}
      GET 3.0/mlflow/traces/get {trace_id: 'tr-$other', allow_partial: true}
      GET 3.0/mlflow/traces/get {trace_id: 'tr-$dead', allow_partial: true}
      GET 3.0/mlflow/traces/tr-$other {}
      GET 3.0/mlflow/traces/batchGet {trace_ids: ['tr-$hex', 'tr-$other']}
      GET 2.0/mlflow/traces/tr-$hex/info {}
      GET 3.0/mlflow/traces/tr-$hex/assessments/$as {}
      POST 3.0/mlflow/traces/search {locations: [{mlflow_experiment: {experiment_id: '$e'}}]}
      GET 2.0/mlflow/traces {experiment_ids: ['$e']}
      GET 3.0/mlflow/scorers/get {experiment_id: '$e', name: 's'}
      GET 3.0/mlflow/scorers/versions {experiment_id: '$e', name: 's'}
      GET 3.0/mlflow/scorers/list {experiment_id: '$e'}
      GET 3.0/mlflow/datasets/$d {}
      GET 3.0/mlflow/datasets/$d/records {}
      GET 3.0/mlflow/datasets/$d/experiment-ids {}
      POST 3.0/mlflow/datasets/search {}
      GET 2.0/mlflow/users/list {}
      GET 2.0/mlflow/users/get {username: 'ann'}
      GET 3.0/mlflow/users/permissions/list {username: 'ann'}
      GET 3.0/mlflow/users/roles/list {username: 'ann'}
      GET 3.0/mlflow/users/permissions/get {username: 'ann', resource_type: 'experiment', resource_id: '$e'}
      GET 3.0/mlflow/roles/list {}
      GET 3.0/mlflow/roles/get {role_id: $role}
      GET 3.0/mlflow/roles/permissions/list {role_id: $role}
      GET 3.0/mlflow/roles/users/list {role_id: $role}
      POST /graphql {query: '{ mlflowGetRun(input: {runId: \\"$r\\"}) { run { info { runName lifecycleStage } modelVersions { version } } } mlflowGetExperiment(input: {experimentId: \\"$e\\"}) { experiment { name } } }'}
      GET 2.0/mlflow/webhooks {}
      GET 2.0/mlflow/webhooks/$hook {}
      """;

  private static final ObjectMapper LOOSE =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .build();
  private static final Pattern NAME = Pattern.compile("\\$(\\w+)");

  /** What is made anew each time: an id, a moment. */
  private static final Pattern FRESH =
      Pattern.compile(
          "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|tm\\d{17}|\\d{9,18}"
              + "|2026-11-26T[\\d:.]+Z|(?<=digest\":\")[0-9a-f]{8}");

  private final Map<String, String> ids = new HashMap<>();
  private final Set<String> known = new HashSet<>();

  /** A call, as a line above writes it. */
  record Call(String line, String method, String path, ObjectNode message) {
    @Override
    public String toString() {
      return line.length() < 160 ? line : line.substring(0, 160) + "…";
    }

    /** Whether a route answers it. */
    boolean asks(String route) {
      String[] words = route.split(" ", 2);
      return method.equals(words[0])
          && path.matches(words[1].replaceAll("\\{\\w+}", "[^/]+").replace(".", "\\."));
    }
  }

  /** Makes it all. */
  Everything(InProcess mlflow) {
    ids.put("hex", "0af7651916cd43dd8448eb211c80319c");
    ids.put("other", "1bf7651916cd43dd8448eb211c80319d");
    ids.put("dead", "2cf7651916cd43dd8448eb211c80319e");
    ids.put("long", "x".repeat(600));
    for (String line : MADE.lines().toList()) {
      String[] words = line.split(" ", 3);
      InProcess.Answer answer = ask(mlflow, call(words[2]));
      assertThat(answer.status()).as("%s %s", line, answer).isEqualTo(200);
      if (!words[0].equals("-")) {
        ids.put(words[0], answer.json().at(words[1]).asText());
        assertThat(ids.get(words[0])).as("%s %s", line, answer).isNotEmpty();
      }
    }
    String records = ask(mlflow, call("GET 3.0/mlflow/datasets/$d/records {}")).json().toString();
    Matcher record = Pattern.compile("dr-[0-9a-f]{32}").matcher(records);
    assertThat(record.find()).as(records).isTrue();
    ids.put("record", record.group());
    known.addAll(ids.values());
    reads().forEach(read -> know(ask(mlflow, read).json().toString()));
  }

  private void know(String text) {
    FRESH.matcher(text).results().forEach(found -> known.add(found.group()));
  }

  /** A call, written as those above. */
  Call call(String line) {
    String filled =
        NAME.matcher(line).replaceAll(name -> Matcher.quoteReplacement(ids.get(name.group(1))));
    String[] words = filled.split(" ", 3);
    String path = words[1].startsWith("/") ? words[1] : "/api/" + words[1];
    try {
      return new Call(line, words[0], path, (ObjectNode) LOOSE.readTree(words[2]));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(line, e);
    }
  }

  List<Call> changes() {
    return CHANGES.lines().map(this::call).toList();
  }

  List<Call> reads() {
    return READS.lines().map(this::call).toList();
  }

  static InProcess.Answer ask(InProcess mlflow, Call call) {
    return mlflow.ask("root", Role.ADMIN, call.method(), call.path(), call.message());
  }

  /** All that can be read; what is made anew each time is left out. */
  Map<String, String> view(InProcess mlflow) {
    Map<String, String> view = new HashMap<>();
    reads().forEach(read -> view.put(read.toString(), told(mlflow, read)));
    Set<String> found =
        view.values().stream()
            .flatMap(text -> FRESH.matcher(text).results())
            .map(match -> match.group())
            .filter(id -> !known.contains(id))
            .collect(Collectors.toSet());
    for (String id : found) {
      kinds(id).map(this::call).forEach(read -> view.put(plain(read.line()), told(mlflow, read)));
    }
    view.replaceAll((read, answer) -> plain(answer));
    return view;
  }

  private static String told(InProcess mlflow, Call read) {
    InProcess.Answer answer = ask(mlflow, read);
    return answer.status() + " " + answer.json();
  }

  private static Stream<String> kinds(String id) {
    if (id.matches("\\d{18}")) {
      return Stream.of("GET 2.0/mlflow/experiments/get {experiment_id: '" + id + "'}");
    }
    return id.matches("[0-9a-f]{32}")
        ? Stream.of(
            "GET 2.0/mlflow/runs/get {run_id: '" + id + "'}",
            "GET 2.0/mlflow/logged-models/m-" + id + " {}",
            "GET 3.0/mlflow/traces/get {allow_partial: true, trace_id: '" + id + "'}",
            "GET 3.0/mlflow/datasets/d-" + id + " {}")
        : Stream.empty();
  }

  private String plain(String text) {
    return FRESH
        .matcher(text)
        .replaceAll(found -> known.contains(found.group()) ? found.group() : "NEW");
  }
}
