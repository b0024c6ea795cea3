/**
 * The time index: facts about object versions in DynamoDB, and views of a bucket at any moment
 * computed from them.
 *
 * <p>{@link dev.snapslice.core.index.TimeIndex} is where a reader starts. {@code
 * docs/architecture.md} draws the layout, {@code docs/decisions/0001-index-model.md} says why it is
 * so. Uses the AWS SDK and {@code core.version}.
 */
package dev.snapslice.core.index;
