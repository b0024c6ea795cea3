package dev.snapslice.core.bucket;

import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.task.TaskQueue;
import java.time.InstantSource;
import java.util.function.Function;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What it takes to look after buckets.
 *
 * @param catalog knows the buckets
 * @param claims keep two workers from doing the same work
 * @param checkpoints tell how far they have come
 * @param s3 reaches a bucket, as {@link BucketClients#s3} does
 * @param index takes the facts
 * @param tasks takes what is left to do
 */
public record Upkeep(
    BucketCatalog catalog,
    Claims claims,
    Checkpoints checkpoints,
    Function<Bucket, S3Client> s3,
    TimeIndex index,
    TaskQueue tasks,
    InstantSource clock) {}
