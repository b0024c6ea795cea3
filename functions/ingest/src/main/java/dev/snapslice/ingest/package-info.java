/**
 * From S3's events in the queue to facts in the index: {@link dev.snapslice.ingest.IngestHandler}
 * is the Lambda function. Uses core and the runtime of all functions.
 */
package dev.snapslice.ingest;
