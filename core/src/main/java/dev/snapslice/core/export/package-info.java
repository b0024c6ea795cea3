/**
 * Writes what a snapshot or slice contains as a manifest into a bucket, as a resumable job: {@link
 * dev.snapslice.core.export.ExportJobs}.
 */
package dev.snapslice.core.export;
