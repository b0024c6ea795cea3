package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.registry.Registry;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiments;
import java.util.random.RandomGenerator;

/** All operations by which permissions are given: those of {@code mlflow.server.auth}. */
public final class PermissionRoutes {
  private final UserRoutes users;
  private final GrantRoutes grants;
  private final RoleRoutes roles;

  public PermissionRoutes(
      TrackingTable table,
      Permissions permissions,
      Experiments experiments,
      Registry registry,
      RandomGenerator random) {
    Users all = new Users(table);
    NamedRoles named = new NamedRoles(table, random);
    Targets targets = new Targets(experiments, registry);
    RoleMessages messages = new RoleMessages(targets);
    this.users = new UserRoutes(all, named, messages, permissions);
    this.grants = new GrantRoutes(all, targets, permissions);
    this.roles = new RoleRoutes(all, named, targets, messages, permissions);
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    users.addTo(routes);
    grants.addTo(routes);
    roles.addTo(routes);
  }
}
