package dev.snapslice.core.restore;

/** What came of one step. */
sealed interface Outcome {

  /** The key is as wanted, by this step or already. */
  record Done(long bytes) implements Outcome {}

  /** Somebody wrote to the key since the plan: it was left alone. */
  record Conflict(String why) implements Outcome {}

  /** S3 refused. */
  record Failed(String why) implements Outcome {}

  /** A large copy was stopped in the middle; it goes on next time. */
  record Unfinished() implements Outcome {}
}
