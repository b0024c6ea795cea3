package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permissions;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Permissions that all members have: MLflow's role, a group of users to us.
 *
 * @param given by the number of each permission among the role's
 * @param members by name, with the id of each assignment
 * @param changes how often it was changed
 */
record NamedRole(
    long id,
    String name,
    Optional<String> description,
    SortedMap<Integer, Given> given,
    SortedMap<String, Long> members,
    long changes) {
  /** Of a role: the number of each permission, by resource. */
  static final String NUMBERS = "numbers";

  /** A role's permissions have numbers below this, so that their ids tell the role. */
  static final int MOST_GIVEN = 1 << 12;

  static NamedRole read(Map<String, AttributeValue> item) {
    Map<String, AttributeValue> numbers = item.get(NUMBERS).m();
    SortedMap<Integer, Given> given = new TreeMap<>();
    Given.read(item.get(Permissions.GIVEN).m())
        .forEach(
            each -> given.put(Integer.parseInt(numbers.get(each.resource().toString()).n()), each));
    SortedMap<String, Long> members = new TreeMap<>();
    item.get(Permissions.MEMBERS)
        .m()
        .forEach((user, assignment) -> members.put(user, Long.parseLong(assignment.n())));
    return new NamedRole(
        Long.parseLong(item.get("id").n()),
        item.get("sk").s(),
        Optional.ofNullable(item.get("description")).map(AttributeValue::s),
        given,
        members,
        Long.parseLong(item.get("changes").n()));
  }

  /** The id of one of its permissions. */
  long idOf(int number) {
    return id * MOST_GIVEN + number;
  }

  /** A number that none of its permissions has. */
  int freeNumber() {
    int number = 0;
    while (given.containsKey(number)) {
      number++;
    }
    return number;
  }
}
