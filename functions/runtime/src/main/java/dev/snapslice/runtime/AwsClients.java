package dev.snapslice.runtime;

import dev.snapslice.core.install.Lazy;
import java.time.Duration;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * Makes the clients of the AWS services that a function calls: each when it is first asked for, all
 * on one HTTP client. Region, credentials and endpoints come from the environment as for every AWS
 * program ({@code AWS_REGION}, {@code AWS_ENDPOINT_URL}, {@code AWS_ENDPOINT_URL_SQS}, …).
 * Thread-safe.
 *
 * <p>It names no service itself, so that a function's jar holds only those that the function names.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html">Service-specific
 *     endpoints</a>
 */
public final class AwsClients {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration READ = Duration.ofSeconds(10);

  /**
   * One try and its retries (the SDK's standard: three tries) end before any function's timeout.
   */
  private static final Duration ONE_TRY = Duration.ofSeconds(12);

  private static final Duration ALL_TRIES = Duration.ofSeconds(25);

  static {
    // The JDK keeps five connections to a host unless told otherwise, and functions fan out.
    System.setProperty("http.maxConnections", "64");
  }

  private final Lazy<SdkHttpClient> http =
      new Lazy<>(() ->
          UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(READ).build());

  /** A client, as in {@code aws.client(DynamoDbClient::builder)}; keep what this returns. */
  public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> Lazy<C> client(
      Supplier<B> builder) {
    return new Lazy<>(() ->
        builder
            .get()
            .httpClient(http.get())
            .overrideConfiguration(o ->
                o.apiCallAttemptTimeout(ONE_TRY)
                    .apiCallTimeout(ALL_TRIES)
                    .addExecutionInterceptor(new TracedCalls()))
            .build());
  }
}
