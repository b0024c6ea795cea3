package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.ConsumedCapacity.Total;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import org.junit.jupiter.api.Test;

/** What it costs to look at permissions, as {@code docs/mlflow.md} tells it. */
final class PermissionCostTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final int CALLS = 4;

  private final ConsumedCapacity consumed = new ConsumedCapacity();
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), consumed), LocalDynamo.newCatalogTable());

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  /** Of a tag for a run whose writer has made its experiment: the first, and some more at once. */
  private double[] reads(Permission byDefault) {
    InProcess mlflow = new InProcess(byDefault, table);
    ObjectNode role = message().put("name", "r").put("workspace", "default");
    mlflow.ask("root", Role.ADMIN, "POST", "/api/3.0/mlflow/roles/create", role);
    String experiment =
        mlflow
            .ask("ann", Role.WRITER, "POST", API + "experiments/create", message().put("name", "e"))
            .json()
            .path("experiment_id")
            .asText();
    String run =
        mlflow
            .ask(
                "ann",
                Role.WRITER,
                "POST",
                API + "runs/create",
                message().put("experiment_id", experiment))
            .json()
            .at("/run/info/run_id")
            .asText();
    ObjectNode tag = message().put("run_id", run).put("key", "k").put("value", "v");
    InProcess elsewhere = new InProcess(byDefault, table);
    elsewhere.ask("root", Role.ADMIN, "POST", API + "experiments/search", message());
    elsewhere.rest();
    double[] reads = new double[2];
    for (int i = 0; i <= CALLS; i++) {
      Total before = consumed.total();
      assertThat(elsewhere.ask("ann", Role.WRITER, "POST", API + "runs/set-tag", tag).status())
          .isEqualTo(200);
      reads[Math.min(i, 1)] += consumed.total().minus(before).reads();
    }
    return reads;
  }

  @Test
  void a_user_and_the_roles_are_read_once_in_five_seconds() {
    double[] open = reads(Permission.MANAGE);

    // The head is read once anyway, and the experiment once a second.
    assertThat(open[0]).isEqualTo(2 + 2);
    assertThat(open[1]).isEqualTo(CALLS);
  }

  @Test
  void where_not_all_is_open_so_are_the_runs_experiment_and_its_owner() {
    double[] guarded = reads(Permission.NO_PERMISSIONS);

    // Whoever knows the run's experiment reads no head.
    assertThat(guarded[0]).isEqualTo(2 + 2 + 1);
    assertThat(guarded[1]).isEqualTo(CALLS);
  }
}
