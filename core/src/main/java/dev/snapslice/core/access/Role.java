package dev.snapslice.core.access;

/** What somebody may do; each may also do what those before it may. */
public enum Role {
  /** Read views. */
  READER,
  /** Make labels, restore and export. */
  WRITER,
  /** Register, enable and remove buckets, and let others in. */
  ADMIN;

  /** Whether this role is enough where {@code needed} is asked for. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }
}
