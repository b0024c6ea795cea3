package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * All roles, in one partition of the tracking table, by name: few enough to be read as a whole. One
 * is changed only as it was read. Thread-safe.
 */
final class NamedRoles {
  private static final int ATTEMPTS = 8;

  /** As many roles as a transaction takes beside a user. */
  private static final int MOST_TOGETHER = 99;

  private final TrackingTable table;
  private final RandomGenerator random;

  NamedRoles(TrackingTable table, RandomGenerator random) {
    this.table = table;
    this.random = random;
  }

  private static Map<String, AttributeValue> item(String name) {
    return key(Permissions.ROLES, name);
  }

  /**
   * Makes a role.
   *
   * @throws MlflowException if there is one of that name
   */
  NamedRole create(String name, Optional<String> description) {
    Map<String, AttributeValue> item = new HashMap<>(item(name));
    item.put("id", number());
    description.ifPresent(text -> item.put("description", fromS(text)));
    item.put(Permissions.GIVEN, fromM(Map.of()));
    item.put(NamedRole.NUMBERS, fromM(Map.of()));
    item.put(Permissions.MEMBERS, fromM(Map.of()));
    item.put("changes", fromN("0"));
    if (!table.putIfAbsent(item)) {
      throw exists("Role (name=%s, workspace=default) already exists.".formatted(name));
    }
    return NamedRole.read(item);
  }

  private AttributeValue number() {
    return fromN("" + (random.nextLong() >>> (Long.SIZE - Numbers.BITS)));
  }

  private static MlflowException exists(String message) {
    return new MlflowException(Code.RESOURCE_ALREADY_EXISTS, message);
  }

  List<NamedRole> all() {
    return table.partition(Permissions.ROLES).stream().map(NamedRole::read).toList();
  }

  /**
   * A role.
   *
   * @throws MlflowException if there is none
   */
  NamedRole get(long id) {
    return all().stream()
        .filter(role -> role.id() == id)
        .findFirst()
        .orElseThrow(() -> MlflowException.missing("Role with id=%d not found".formatted(id)));
  }

  /** Those of a user. */
  List<NamedRole> of(String user) {
    return all().stream().filter(role -> role.members().containsKey(user)).toList();
  }

  /** Changes a role as it is, and tells what it became. */
  private NamedRole change(long id, Function<NamedRole, Change> change) {
    for (int tried = 1; tried <= ATTEMPTS; tried++) {
      NamedRole role = get(id);
      Optional<NamedRole> changed =
          table
              .updated(item(role.name()), unchanged(role, change.apply(role)))
              .map(NamedRole::read);
      if (changed.isPresent()) {
        return changed.get();
      }
      TrackingTable.pause(tried);
    }
    throw busy(id);
  }

  private static Change unchanged(NamedRole role, Change change) {
    return change
        .where("id", fromN("" + role.id()))
        .where("changes", fromN("" + role.changes()))
        .count("changes");
  }

  private static MlflowException busy(long id) {
    return new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE,
        "others change the role with id=%d just now: try again".formatted(id));
  }

  /** Describes a role. */
  NamedRole describe(long id, String description) {
    return change(id, role -> new Change().set("description", fromS(description)));
  }

  /**
   * Gives a role another name, and perhaps another description.
   *
   * @throws MlflowException if another one has the name
   */
  NamedRole rename(long id, String name, Optional<String> description) {
    NamedRole role = get(id);
    if (role.name().equals(name)) {
      return description.map(text -> describe(id, text)).orElse(role);
    }
    Map<String, AttributeValue> moved = new HashMap<>(table.get(item(role.name())));
    moved.putAll(item(name));
    description.ifPresent(text -> moved.put("description", fromS(text)));
    boolean done =
        table.write(
            List.of(
                table.putting(moved),
                table.deleting(item(role.name()), Map.of("changes", fromN("" + role.changes())))));
    if (done) {
      return NamedRole.read(moved);
    }
    if (table.get(item(name)).isEmpty()) {
      throw busy(id);
    }
    throw exists("Role with name=%s already exists in workspace=default".formatted(name));
  }

  void delete(long id) {
    table.delete(item(get(id).name()), "id", fromN("" + id));
  }

  /**
   * Gives a role a permission, and tells its number.
   *
   * @param pattern what it is for, as it was written
   * @throws MlflowException if it has one for the same
   */
  NamedRole give(long id, Given given, String pattern) {
    String resource = given.resource().toString();
    return change(
        id,
        role -> {
          if (numberOf(role, given).isPresent()) {
            throw exists(
                "Role permission (role_id=%d, resource_type=%s, resource_pattern=%s) already exists."
                    .formatted(id, given.resource().kind().word(), pattern));
          }
          int number = role.freeNumber();
          if (number == NamedRole.MOST_GIVEN) {
            throw MlflowException.invalid("a role has at most 4,096 permissions");
          }
          return new Change()
              .set(Permissions.GIVEN, resource, given.stored())
              .set(NamedRole.NUMBERS, resource, fromN("" + number));
        });
  }

  /** The number of a role's permission for the same as another one. */
  static Optional<Integer> numberOf(NamedRole role, Given given) {
    return role.given().entrySet().stream()
        .filter(known -> known.getValue().resource().equals(given.resource()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * The role and the number of a permission.
   *
   * @throws MlflowException if there is none
   */
  Numbered permission(long id) {
    int number = (int) (id % NamedRole.MOST_GIVEN);
    return all().stream()
        .filter(role -> role.id() == id / NamedRole.MOST_GIVEN)
        .filter(role -> role.given().containsKey(number))
        .map(role -> new Numbered(role, number))
        .findFirst()
        .orElseThrow(
            () -> MlflowException.missing("Role permission with id=%d not found".formatted(id)));
  }

  /** One of the permissions of a role. */
  record Numbered(NamedRole role, int number) {
    Given given() {
      return role.given().get(number);
    }
  }

  /** Sets another permission for the same. */
  Numbered change(Numbered known, Given to) {
    NamedRole changed =
        change(
            known.role().id(),
            role -> new Change().set(Permissions.GIVEN, to.resource().toString(), to.stored()));
    return new Numbered(changed, known.number());
  }

  void take(Numbered known) {
    String resource = known.given().resource().toString();
    change(
        known.role().id(),
        role ->
            new Change().remove(Permissions.GIVEN, resource).remove(NamedRole.NUMBERS, resource));
  }

  /**
   * Lets a user into a role, and tells the role with the assignment.
   *
   * @throws MlflowException if they are in it
   */
  NamedRole assign(User user, long id) {
    return change(
        id,
        role -> {
          if (role.members().containsKey(user.name())) {
            throw exists(
                "User role assignment (user_id=%d, role_id=%d) already exists"
                    .formatted(user.id(), id));
          }
          return new Change().set(Permissions.MEMBERS, user.name(), number());
        });
  }

  /** Deletes a user, with what they were given and their place in roles, at one moment. */
  void delete(User user) {
    for (int tried = 1; tried <= ATTEMPTS; tried++) {
      List<NamedRole> all = of(user.name());
      List<NamedRole> last = all.subList(Math.max(0, all.size() - MOST_TOGETHER), all.size());
      all.subList(0, all.size() - last.size()).forEach(role -> unassign(user, role.id()));
      if (last.isEmpty()) {
        table.delete(Users.item(user.name()));
        return;
      }
      List<TransactWriteItem> parts = new ArrayList<>();
      parts.add(table.deleting(Users.item(user.name())));
      for (NamedRole role : last) {
        Change change = new Change().remove(Permissions.MEMBERS, user.name());
        parts.add(table.updating(item(role.name()), unchanged(role, change)));
      }
      if (table.write(parts)) {
        return;
      }
      TrackingTable.pause(tried);
    }
    throw new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE, "others change this user's roles just now: try again");
  }

  /**
   * Puts a user out of a role.
   *
   * @throws MlflowException if they are not in it
   */
  void unassign(User user, long id) {
    change(
        id,
        role -> {
          if (!role.members().containsKey(user.name())) {
            throw MlflowException.missing(
                "User role assignment (user_id=%d, role_id=%d) not found".formatted(user.id(), id));
          }
          return new Change().remove(Permissions.MEMBERS, user.name());
        });
  }
}
