/**
 * Snapslice on one machine: what {@code cdk deploy} put into a local AWS is run as AWS would run
 * it. Start at {@link dev.snapslice.local.LocalStack}.
 */
package dev.snapslice.local;
