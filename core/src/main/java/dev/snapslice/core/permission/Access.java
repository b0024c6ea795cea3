package dev.snapslice.core.permission;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What somebody may do in MLflow, by MLflow's own rules: a {@code DENY} wins, then the highest
 * permission that they, or one of their roles, were given; it is never less than the default. Who
 * made something may do all with it, unless they were given another permission for it.
 * Administrators may do everything. Immutable.
 *
 * @param principal a name
 * @param given to them and to their roles
 * @param byDefault what they may do with what they were given nothing for
 * @param experiments what they may change, and no more than that, whatever was given; empty where
 *     there is no such limit
 */
public record Access(
    String principal,
    boolean admin,
    List<Given> given,
    Permission byDefault,
    List<String> experiments) {

  public Access {
    given = List.copyOf(given);
    experiments = List.copyOf(experiments);
  }

  /** Of an administrator by a token that is limited to experiments. */
  static Access toChange(String principal, List<String> experiments) {
    return new Access(principal, false, List.of(), Permission.EDIT, experiments);
  }

  /** Whether that may be done with all of a kind, so that nobody has to look which one it is. */
  public boolean everywhere(ResourceKind kind, Permission needed) {
    boolean denied =
        given.stream()
            .anyMatch(one -> one.resource().kind() == kind && one.permission() == Permission.DENY);
    return admin || (experiments.isEmpty() && !denied && to(Resource.all(kind)).includes(needed));
  }

  /** What may be done with something that somebody else made. */
  public Permission to(Resource resource) {
    return to(resource, Optional.empty());
  }

  /**
   * What may be done with something.
   *
   * @param owner who made it, if they still have what that gave them
   */
  public Permission to(Resource resource, Optional<String> owner) {
    if (admin) {
      return Permission.MANAGE;
    }
    if (experiments.isEmpty()) {
      return given(resource, owner);
    }
    boolean within =
        resource.kind() == ResourceKind.EXPERIMENT && experiments.contains(resource.id());
    Permission own = given(resource, owner);
    return !within ? Permission.DENY : own.includes(Permission.EDIT) ? Permission.EDIT : own;
  }

  private Permission given(Resource resource, Optional<String> owner) {
    List<Permission> all =
        Stream.concat(
                given.stream()
                    .filter(one -> one.resource().covers(resource))
                    .map(Given::permission),
                owner.filter(principal::equals).map(self -> Permission.MANAGE).stream())
            .toList();
    return all.contains(Permission.DENY)
        ? Permission.DENY
        : Stream.concat(all.stream(), Stream.of(byDefault))
            .max(Comparator.naturalOrder())
            .orElseThrow();
  }

  /**
   * Whether something may be done.
   *
   * @param owner asked only where it matters
   */
  public boolean may(Permission needed, Resource resource, Supplier<Optional<String>> owner) {
    Permission known = to(resource);
    return known.includes(needed)
        || (known != Permission.DENY && to(resource, owner.get()).includes(needed));
  }
}
