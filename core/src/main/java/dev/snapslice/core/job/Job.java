package dev.snapslice.core.job;

/**
 * What the catalog knows of a job; written as JSON.
 *
 * @param <J> the job itself
 */
public interface Job<J extends Job<J>> {

  /** Whether nothing is left to do. */
  boolean finished();

  /** The same job, given up by its user. */
  J cancelled();
}
