package dev.snapslice.core.permission;

/**
 * Something that permissions are given for, or all of a kind.
 *
 * @param id of an experiment; of a registered model or a prompt the generation, which a rename
 *     keeps and another one of the same name does not get; {@code *} for all
 */
public record Resource(ResourceKind kind, String id) {
  public static final String ALL = "*";

  public static Resource all(ResourceKind kind) {
    return new Resource(kind, ALL);
  }

  public static Resource experiment(String id) {
    return new Resource(ResourceKind.EXPERIMENT, id);
  }

  /** Reads what {@link #toString} has written. */
  public static Resource parse(String text) {
    int slash = text.indexOf('/');
    return new Resource(
        ResourceKind.parse(text.substring(0, slash)).orElseThrow(), text.substring(slash + 1));
  }

  public boolean isAll() {
    return id.equals(ALL);
  }

  /** Whether what is given for this is given for another one, too. */
  boolean covers(Resource other) {
    return equals(other) || (isAll() && kind == other.kind);
  }

  @Override
  public String toString() {
    return kind.word() + "/" + id;
  }
}
