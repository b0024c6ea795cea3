/**
 * AWS Lambda's programming model on one machine: a packaged jar runs in a process of its own under
 * AWS's Java runtime interface client, and gets its events as JSON from a local <a
 * href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">Runtime API</a>. Start at
 * {@link dev.snapslice.local.lambda.LocalFunction}.
 */
package dev.snapslice.local.lambda;
