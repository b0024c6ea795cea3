/**
 * The buckets that Snapslice keeps the history of: {@link dev.snapslice.core.bucket.Bucket} is one,
 * {@link dev.snapslice.core.bucket.BucketCatalog} keeps them all, {@link
 * dev.snapslice.core.bucket.Enabling} starts one's history, and reconciling and {@link
 * dev.snapslice.core.bucket.Amendments} keep it honest. Uses the AWS SDK, the catalog table and the
 * time index.
 */
package dev.snapslice.core.bucket;
