package dev.snapslice.core.permission;

/** What somebody may do with one thing; each may also do what those before it may. */
public enum Permission {
  /** Nothing, whatever else they were given. */
  DENY,
  /** Nothing, unless they were given more. */
  NO_PERMISSIONS,
  /** To see it and find it. */
  READ,
  /** To use it: what MLflow asks of its gateway, which is not here. */
  USE,
  /** To change it, and what is in it. */
  EDIT,
  /** To delete it, and to let others in. */
  MANAGE;

  /** Whether this is enough where {@code needed} is asked for. */
  public boolean includes(Permission needed) {
    return compareTo(needed) >= 0;
  }
}
