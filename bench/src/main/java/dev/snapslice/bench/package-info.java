/**
 * Measures the index against DynamoDB Local: {@code ./snapslice bench NAME}. A bench is one class
 * that implements {@link dev.snapslice.bench.Benchmark} and is named in {@link
 * dev.snapslice.bench.Bench}, where a reader starts.
 */
package dev.snapslice.bench;
