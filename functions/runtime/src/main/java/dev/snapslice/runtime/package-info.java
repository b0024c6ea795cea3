/**
 * What all Lambda functions share and what is no domain: {@link dev.snapslice.runtime.Invocation}
 * surrounds each request, {@link dev.snapslice.runtime.AwsClients} reaches AWS, {@link
 * dev.snapslice.runtime.Priming} makes ready for SnapStart. Uses powertools, the AWS SDK, Lambda's
 * interfaces, and of core only {@code install}.
 */
package dev.snapslice.runtime;
