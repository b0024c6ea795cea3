package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;

import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All users of whom MLflow was told, in one partition of the tracking table, by name. Thread-safe.
 */
final class Users {
  private final TrackingTable table;

  Users(TrackingTable table) {
    this.table = table;
  }

  static Map<String, AttributeValue> item(String name) {
    return key(Permissions.USERS, name);
  }

  /**
   * Makes a user.
   *
   * @throws MlflowException if there is one of that name
   */
  User create(String name) {
    Map<String, AttributeValue> item = new HashMap<>(item(name));
    item.put(Permissions.ADMIN, fromBool(false));
    item.put(Permissions.GIVEN, fromM(Map.of()));
    if (!table.putIfAbsent(item)) {
      throw new MlflowException(
          Code.RESOURCE_ALREADY_EXISTS, "User (username=%s) already exists.".formatted(name));
    }
    return User.read(item);
  }

  Optional<User> find(String name) {
    return Optional.of(table.get(item(name))).filter(item -> !item.isEmpty()).map(User::read);
  }

  /**
   * A user.
   *
   * @throws MlflowException if there is none
   */
  User get(String name) {
    return find(name).orElseThrow(() -> unknown(name));
  }

  private static MlflowException unknown(String name) {
    return MlflowException.missing("User with username=%s not found".formatted(name));
  }

  List<User> all() {
    return table.partition(Permissions.USERS).stream().map(User::read).toList();
  }

  /**
   * Lets a user do everything, or ends that.
   *
   * @throws MlflowException if there is none
   */
  void admin(String name, boolean is) {
    if (!table.update(item(name), new Change().set(Permissions.ADMIN, fromBool(is)))) {
      throw unknown(name);
    }
  }

  /** Gives a user a permission, and tells whether they had none for the same. */
  boolean give(User user, Given given) {
    return table.update(
        item(user.name()),
        new Change().setNew(Permissions.GIVEN, given.resource().toString(), given.stored()));
  }

  /** Takes a user's permission for something, and tells whether they had one. */
  boolean take(User user, Resource resource) {
    return table.update(
        item(user.name()), new Change().removeKnown(Permissions.GIVEN, resource.toString()));
  }
}
