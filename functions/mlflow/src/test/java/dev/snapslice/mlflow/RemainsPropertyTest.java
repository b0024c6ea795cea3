package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.mlflow.cleanup.CleanUp;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.KillableTable;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.Trash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Of logged models, traces, scorers and datasets that were deleted, with their experiment or alone,
 * nothing remains after a clean-up, wherever deletion and clean-up died before; and all else is as
 * it was.
 */
final class RemainsPropertyTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final String NEWER = "/api/3.0/mlflow/";
  private static final Duration KEPT = Duration.ofDays(30);
  private static final int MOST_WRITES = 12;

  private final KillableTable killable = new KillableTable();
  private final InProcess mlflow = new InProcess(Permission.MANAGE, killable.table());
  private final Set<String> artifacts = new HashSet<>();
  private final CleanUp cleanUp = cleanUp();
  private final List<Thing> things = new ArrayList<>();
  private int made;

  /** An experiment, and a run of it, which logs to its models. */
  private record Place(String experiment, String run, String location) {}

  /**
   * What can be deleted.
   *
   * @param mark what all its items name, and those of nothing else
   * @param told what is told of it, as it was made
   */
  private record Thing(Place place, Call get, Call delete, String mark, String told) {}

  private record Call(String method, String path, ObjectNode message) {}

  private CleanUp cleanUp() {
    Random random = new Random(2);
    var experiments = new Experiments(killable.table(), "mlflow-artifacts:/", mlflow::now, random);
    var runs = new Runs(killable.table(), experiments, mlflow::now, random);
    return new CleanUp(
        new Trash(killable.table()),
        experiments,
        CleanUp.Parts.of(
            killable.table(),
            experiments,
            runs,
            uri -> artifacts.removeIf(file -> file.startsWith(uri + "/")),
            mlflow::now,
            random),
        KEPT,
        mlflow::now);
  }

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  private InProcess.Answer ask(Call call) {
    return mlflow.ask("ann", Role.WRITER, call.method(), call.path(), call.message());
  }

  private ObjectNode done(String method, String path, ObjectNode message) {
    InProcess.Answer answer = ask(new Call(method, path, message));
    assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
    return (ObjectNode) answer.json();
  }

  private Place place(boolean own) {
    ObjectNode asked = message().put("name", "e" + made++);
    if (!own) {
      asked.put("artifact_location", "mlflow-artifacts:/shared");
    }
    String id = mlflow.ask("root", Role.ADMIN, "POST", API + "experiments/create", asked).id();
    String run =
        done("POST", API + "runs/create", message().put("experiment_id", id))
            .at("/run/info/run_id")
            .asText();
    return new Place(id, run, own ? "mlflow-artifacts:/" + id : "mlflow-artifacts:/shared");
  }

  private Thing make(int kind, Place place) {
    String name = "n" + made++ + "n";
    return switch (kind) {
      case 0 -> model(place, name);
      case 1 -> trace(place);
      case 2 -> scorer(place, name);
      default -> dataset(place, name);
    };
  }

  private Thing thing(Place place, Call get, Call delete, String mark) {
    return new Thing(place, get, delete, mark, ask(get).json().toString());
  }

  private Thing model(Place place, String name) {
    ObjectNode asked = message().put("experiment_id", place.experiment()).put("name", name);
    String id = done("POST", API + "logged-models", asked).at("/model/info/model_id").asText();
    for (int step = 0; step < 3; step++) {
      ObjectNode metric = message().put("run_id", place.run()).put("model_id", id);
      metric.put("key", "m").put("value", 1.5).put("timestamp", 1).put("step", step);
      done("POST", API + "runs/log-metric", metric);
    }
    artifacts.add(place.location() + "/models/" + id + "/artifacts/model.pkl");
    String path = API + "logged-models/" + id;
    return thing(place, new Call("GET", path, message()), new Call("DELETE", path, message()), id);
  }

  private Thing trace(Place place) {
    String hex = "%032x".formatted(made);
    String id = "tr-" + hex;
    ObjectNode info = message().put("trace_id", id).put("request_time", "2026-01-01T00:00:00Z");
    info.put("state", "OK")
        .putObject("trace_location")
        .put("type", "MLFLOW_EXPERIMENT")
        .putObject("mlflow_experiment")
        .put("experiment_id", place.experiment());
    ObjectNode asked = message();
    asked.putObject("trace").set("trace_info", info);
    done("POST", NEWER + "traces", asked);
    ObjectNode spans = message().put("experiment_id", place.experiment());
    var list =
        spans
            .putArray("resourceSpans")
            .addObject()
            .putArray("scopeSpans")
            .addObject()
            .putArray("spans");
    for (int i = 0; i < 3; i++) {
      ObjectNode span = list.addObject().put("traceId", hex).put("spanId", "000000000000000" + i);
      span.put("name", "s" + i).put("startTimeUnixNano", "1").put("endTimeUnixNano", "2");
    }
    done("POST", "/v1/traces", spans);
    artifacts.add(place.location() + "/traces/" + id + "/artifacts/attachments/a");
    ObjectNode doomed = message().put("experiment_id", place.experiment());
    doomed.putArray("request_ids").add(id);
    return thing(
        place,
        new Call("GET", NEWER + "traces/get", message().put("trace_id", id)),
        new Call("POST", NEWER + "traces/delete-traces", doomed),
        id);
  }

  private Thing scorer(Place place, String name) {
    ObjectNode key = message().put("experiment_id", place.experiment()).put("name", name);
    ObjectNode asked = key.deepCopy().put("serialized_scorer", "{\"a\": 1}");
    String id = "";
    for (int i = 0; i < 3; i++) {
      id = done("POST", NEWER + "scorers/register", asked).path("scorer_id").asText();
    }
    assertThat(id).isNotEmpty();
    return thing(
        place,
        new Call("GET", NEWER + "scorers/versions", key),
        new Call("DELETE", NEWER + "scorers/delete", key),
        id);
  }

  private Thing dataset(Place place, String name) {
    ObjectNode asked = message().put("name", name);
    asked.putArray("experiment_ids").add(place.experiment());
    String id = done("POST", NEWER + "datasets/create", asked).at("/dataset/dataset_id").asText();
    String path = NEWER + "datasets/" + id;
    String records = "[{\"inputs\": {\"a\": 1}}, {\"inputs\": {\"a\": 2}}]";
    done("POST", path + "/records", message().put("records", records));
    return thing(place, new Call("GET", path, message()), new Call("DELETE", path, message()), id);
  }

  private void runCleanUp() {
    cleanUp.run(new Deadline(mlflow::now, mlflow.now().plusSeconds(1)));
  }

  @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
  void nothing_remains_of_what_was_deleted_and_all_else_does(
      @ForAll @Size(min = 4, max = 14) List<@IntRange(max = 9_999) Integer> steps) {
    List<Place> places = List.of(place(true), place(false));
    Map<String, Boolean> gone = new HashMap<>();
    things.clear();
    for (int step : steps) {
      Place place = places.get(step % 2);
      things.add(make(step / 2 % 4, place));
      if (step / 8 % 3 == 0) {
        killable.killed(step / 24 % MOST_WRITES, () -> ask(things.getLast().delete()));
      } else if (step / 8 % 3 == 1) {
        ask(things.getLast().delete());
      }
    }
    Place doomed = places.get(steps.getFirst() / 2 % 2);
    if (steps.getLast() % 3 > 0) {
      done("POST", API + "experiments/delete", message().put("experiment_id", doomed.experiment()));
    } else {
      doomed = null;
    }
    for (Thing thing : things) {
      gone.put(thing.mark(), ask(thing.get()).status() != 200 || isIn(thing, doomed));
    }

    mlflow.rest(KEPT.plusSeconds(1));
    for (int step : steps) {
      killable.killed(step / 3 % MOST_WRITES, this::runCleanUp);
    }
    runCleanUp();

    check(gone);
  }

  /** Evaluation datasets are no experiment's alone. */
  private static boolean isIn(Thing thing, Place doomed) {
    return thing.place().equals(doomed) && !thing.get().path().contains("datasets");
  }

  private void check(Map<String, Boolean> gone) {
    List<String> items =
        LocalDynamo.client()
            .scanPaginator(r -> r.tableName(killable.table().name()))
            .items()
            .stream()
            .map(Object::toString)
            .toList();
    for (Thing thing : things) {
      if (gone.get(thing.mark())) {
        assertThat(items).as("items").noneMatch(item -> item.contains(thing.mark()));
        assertThat(artifacts).noneMatch(file -> file.contains(thing.mark()));
      } else {
        assertThat(ask(thing.get()).json().toString()).isEqualTo(thing.told());
        assertThat(artifacts.stream().anyMatch(file -> file.contains(thing.mark())))
            .isEqualTo(thing.mark().startsWith("m-") || thing.mark().startsWith("tr-"));
      }
    }
  }
}
