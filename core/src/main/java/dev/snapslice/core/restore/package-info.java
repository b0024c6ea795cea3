/**
 * Makes the present of a bucket equal to its past, or copies the past elsewhere. {@link
 * dev.snapslice.core.restore.RestorePlanner} says from the index what there is to do, {@link
 * dev.snapslice.core.restore.RestoreJobs} does it in S3. Nothing here ever removes data: what a
 * restore replaces becomes an older version, so a restore can be undone by another.
 */
package dev.snapslice.core.restore;
