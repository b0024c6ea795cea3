/**
 * Work that a user starts, watches and may cancel, and that outlives many runs of a function:
 * {@link dev.snapslice.core.job.JobTable} keeps where it stands, so that each run goes on where an
 * earlier one stopped or was killed.
 */
package dev.snapslice.core.job;
