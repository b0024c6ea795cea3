package dev.snapslice.proxy.origin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.uri.UriText;
import dev.snapslice.core.version.VersionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Reads versions from S3 with the SDK's signer and HTTP client alone: the rest of an S3 client is
 * most of what a small read costs (decision 7). Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html">GetObject</a>
 */
public final class Origin {
  private static final int TRIES = 3;
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int LONGEST_ERROR = 64 * 1024;
  private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");

  private final BucketClients clients;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final SdkHttpClient http;

  /**
   * A version to read.
   *
   * @param etag without quotes
   * @param headers to send along
   * @param query to send along, raw
   */
  public record Read(
      Bucket bucket,
      String key,
      String versionId,
      String etag,
      Map<String, String> headers,
      Map<String, String> query) {

    /** {@code null} names whatever the null version is by now: it must be the one that we know. */
    public boolean isNull() {
      return versionId.equals(VersionEvent.NULL_VERSION);
    }
  }

  /** What S3 said; the body is closed by who reads it. */
  public record Answer(SdkHttpResponse http, InputStream body) {}

  /** Gives up what sends nothing for the time-out. */
  public Origin(BucketClients clients, Duration timeout) {
    this.clients = clients;
    this.http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(Duration.ofSeconds(2))
            .socketTimeout(timeout)
            .build();
  }

  /**
   * GetObject.
   *
   * @throws S3Exception if S3 refuses it
   * @throws SdkClientException if S3 does not answer
   */
  public Answer get(Read read) {
    return answer(SdkHttpMethod.GET, read);
  }

  /** HeadObject; refused as {@link #get} is. */
  public SdkHttpResponse head(Read read) {
    return answer(SdkHttpMethod.HEAD, read).http();
  }

  /** Tries again what nobody has seen anything of yet. */
  private Answer answer(SdkHttpMethod method, Read read) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    for (int tried = 1; ; tried++) {
      boolean last = tried == TRIES || System.nanoTime() > end;
      try {
        HttpExecuteResponse response = once(method, read);
        SdkHttpResponse answer = response.httpResponse();
        InputStream body = response.responseBody().orElseGet(AbortableInputStream::createEmpty);
        if (answer.isSuccessful()) {
          return new Answer(answer, body);
        }
        S3Exception refused = refused(answer, body);
        if (last || answer.statusCode() < 500) {
          throw refused;
        }
      } catch (IOException e) {
        if (last) {
          throw SdkClientException.create("S3 does not answer", e);
        }
      }
      pause(tried);
    }
  }

  private HttpExecuteResponse once(SdkHttpMethod method, Read read) throws IOException {
    BucketClients.Access access = clients.access(read.bucket());
    SdkHttpFullRequest.Builder request =
        SdkHttpFullRequest.builder().method(method).uri(access.base());
    request.encodedPath(access.base().getRawPath() + UriText.encodePath(read.key()));
    request.putRawQueryParameter("versionId", read.versionId());
    read.query().forEach(request::putRawQueryParameter);
    read.headers().forEach(request::putHeader);
    if (read.isNull()) {
      request.putHeader("if-match", '"' + read.etag() + '"');
    }
    SdkHttpRequest signed =
        signer
            .sign(r ->
                r.identity(access.credentials().resolveCredentials())
                    .request(request.build())
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, access.region())
                    .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                    .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                    .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, false))
            .request();
    return http.prepareRequest(HttpExecuteRequest.builder().request(signed).build()).call();
  }

  private static S3Exception refused(SdkHttpResponse answer, InputStream body) throws IOException {
    String document;
    try (body) {
      document = new String(body.readNBytes(LONGEST_ERROR), UTF_8);
    }
    AwsErrorDetails details =
        AwsErrorDetails.builder()
            .errorCode(first(CODE, document))
            .errorMessage(first(MESSAGE, document))
            .sdkHttpResponse(answer)
            .build();
    return (S3Exception)
        S3Exception.builder().statusCode(answer.statusCode()).awsErrorDetails(details).build();
  }

  private static String first(Pattern pattern, String document) {
    Matcher found = pattern.matcher(document);
    return found.find() ? found.group(1) : "";
  }

  private static void pause(int tried) {
    long most = PAUSE.toMillis() << tried;
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(most));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SdkClientException.create("stopped while S3 did not answer", e);
    }
  }
}
