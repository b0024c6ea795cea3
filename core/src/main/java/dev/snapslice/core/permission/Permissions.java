package dev.snapslice.core.permission;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.install.Recent;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What callers may do in MLflow: the items of users and of roles in the tracking table, believed
 * for five seconds, and until {@link #forget} is called. Thread-safe.
 */
public final class Permissions {
  /** The partition of users, by name. */
  public static final String USERS = "mlflow-users";

  /** The partition of roles. */
  public static final String ROLES = "mlflow-roles";

  /** Of a user: whether they may do everything. */
  public static final String ADMIN = "admin";

  /** Of a user or a role: permissions by resource. */
  public static final String GIVEN = "given";

  /** Of a role: users by name. */
  public static final String MEMBERS = "members";

  /** Of an experiment or a registered model: who made it. */
  public static final String OWNER = "owner";

  private static final Duration BELIEVED = Duration.ofSeconds(5);
  private static final String EXPERIMENTS = "experiments";

  private final DynamoDbClient dynamo;
  private final String table;
  private final Permission byDefault;
  private final Recent<String, User> users;
  private final Recent<String, List<Group>> roles;
  private final Recent<String, Optional<String>> owners;

  private record User(boolean admin, List<Given> given) {}

  private record Group(List<Given> given, Map<String, AttributeValue> members) {}

  /**
   * Those of a tracking table.
   *
   * @param byDefault what users may do with what they were given nothing for
   */
  public Permissions(
      DynamoDbClient dynamo, String table, Permission byDefault, InstantSource clock) {
    this.dynamo = dynamo;
    this.table = table;
    this.byDefault = byDefault;
    this.users = new Recent<>(BELIEVED, clock);
    this.roles = new Recent<>(BELIEVED, clock);
    this.owners = new Recent<>(BELIEVED, clock);
  }

  /** Reads the default from the environment ({@code SNAPSLICE_DEFAULT_PERMISSION}). */
  public static Permission byDefault(Map<String, String> environment) {
    String name =
        environment.getOrDefault("SNAPSLICE_DEFAULT_PERMISSION", Permission.MANAGE.name());
    return Stream.of(Permission.values())
        .filter(permission -> permission != Permission.DENY && permission.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "SNAPSLICE_DEFAULT_PERMISSION=%s: want NO_PERMISSIONS, READ, USE, EDIT or MANAGE"
                    .formatted(name)));
  }

  /** What a caller may do, within the role of their token, which is checked elsewhere. */
  public Access of(Caller caller) {
    return of(
        caller.principal(), caller.grant().role() == Role.ADMIN, caller.grant().experiments());
  }

  /** What somebody may do by a token of a role that is not admin. */
  public Access of(String principal) {
    return of(principal, false, List.of());
  }

  private Access of(String principal, boolean admin, List<String> experiments) {
    User user = users.get(principal, this::user);
    Stream<Given> byRoles =
        roles.get(ROLES, this::groups).stream()
            .filter(role -> role.members().containsKey(principal))
            .flatMap(role -> role.given().stream());
    if ((admin || user.admin()) && !experiments.isEmpty()) {
      return Access.toChange(principal, experiments);
    }
    return new Access(
        principal,
        admin || user.admin(),
        Stream.concat(user.given().stream(), byRoles).toList(),
        byDefault,
        experiments);
  }

  private User user(String name) {
    Map<String, AttributeValue> item = get(USERS, name);
    return item.isEmpty()
        ? new User(false, List.of())
        : new User(item.get(ADMIN).bool(), Given.read(item.get(GIVEN).m()));
  }

  private Map<String, AttributeValue> get(String partition, String sort) {
    return dynamo
        .getItem(r ->
            r.tableName(table)
                .key(Map.of("pk", fromS(partition), "sk", fromS(sort)))
                .consistentRead(true))
        .item();
  }

  private List<Group> groups(String partition) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .expressionAttributeValues(Map.of(":pk", fromS(partition))))
        .items()
        .stream()
        .map(item -> new Group(Given.read(item.get(GIVEN).m()), item.get(MEMBERS).m()))
        .toList();
  }

  /** Who made an experiment; empty if there is none, or that counts no longer. */
  public Optional<String> ownerOf(String experimentId) {
    return owners.get(
        experimentId,
        id -> Optional.ofNullable(get(EXPERIMENTS, id).get(OWNER)).map(AttributeValue::s));
  }

  /** Whether somebody may do something with an experiment, and so with what is in it. */
  public boolean mayIn(String experimentId, Permission needed, Access access) {
    return access.may(needed, Resource.experiment(experimentId), () -> ownerOf(experimentId));
  }

  /**
   * Whether somebody may do something with an artifact. What is in no experiment's folder is for
   * those who may do it everywhere.
   */
  public boolean mayIn(ArtifactPath path, Permission needed, Access access) {
    return access.everywhere(ResourceKind.EXPERIMENT, needed)
        || path.experiment().filter(id -> mayIn(id, needed, access)).isPresent();
  }

  /** Reads all anew that is asked for from now on: what was given was changed here. */
  public void forget() {
    users.forget();
    roles.forget();
    owners.forget();
  }
}
