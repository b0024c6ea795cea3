package dev.snapslice.s3a;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A client of the proxy that reads objects from S3, by URLs that the proxy signs. Everything else
 * goes to the proxy, and so do reads of what a URL does not name. Thread-safe.
 */
final class DirectReads extends DelegatingS3Client {
  private static final String URLS = "x-snapslice-urls";

  private final S3Client proxy;
  private final String bucket;
  private final SignedUrls urls;

  /** Reads of one bucket, as S3A's file systems have one. */
  DirectReads(S3Client proxy, String bucket, InstantSource clock) {
    super(proxy);
    this.proxy = proxy;
    this.bucket = bucket;
    this.urls = new SignedUrls(this::ask, clock);
  }

  @Override
  public <T> T getObject(
      GetObjectRequest request, ResponseTransformer<GetObjectResponse, T> transformer) {
    if (!isPlain(request)) {
      return proxy.getObject(request, transformer);
    }
    SignedUrl url = urls.of(request.key());
    try {
      return proxy.getObject(from(url, request), transformer);
    } catch (S3Exception e) {
      return switch (e.statusCode()) {
        case 403 -> {
          // It ended before it should have: once is chance.
          urls.forget(request.key(), url);
          yield proxy.getObject(from(urls.of(request.key()), request), transformer);
        }
        case 404, 412 -> {
          // What became of the version, the proxy says in its own words.
          urls.forget(request.key(), url);
          yield proxy.getObject(request, transformer);
        }
        default -> throw e;
      };
    }
  }

  private boolean isPlain(GetObjectRequest request) {
    return bucket.equals(request.bucket())
        && request.versionId() == null
        && request.partNumber() == null
        && request.sseCustomerAlgorithm() == null;
  }

  private static GetObjectRequest from(SignedUrl url, GetObjectRequest request) {
    AwsRequestOverrideConfiguration direct =
        overrides(request)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .signer(new UrlSigner(url))
            .build();
    return request.toBuilder().overrideConfiguration(direct).build();
  }

  private static AwsRequestOverrideConfiguration.Builder overrides(GetObjectRequest request) {
    return request
        .overrideConfiguration()
        .map(AwsRequestOverrideConfiguration::toBuilder)
        .orElseGet(AwsRequestOverrideConfiguration::builder);
  }

  /** A read of the first key, by its parameters about all of them: signed as any other read. */
  private Map<String, SignedUrls.Answer> ask(List<String> keys) {
    AwsRequestOverrideConfiguration about =
        AwsRequestOverrideConfiguration.builder()
            .putRawQueryParameter(URLS, "")
            .putRawQueryParameter("key", keys)
            .build();
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(keys.get(0))
            .overrideConfiguration(about)
            .build();
    try (ResponseInputStream<GetObjectResponse> answer = proxy.getObject(request)) {
      if (answer.response().sdkHttpResponse().firstMatchingHeader(URLS).isEmpty()) {
        answer.abort();
        throw SdkClientException.create(
            "fs.s3a.endpoint is no read proxy of Snapslice that signs URLs");
      }
      return UrlsDocument.read(answer.readAllBytes());
    } catch (IOException e) {
      // Of a kind that S3A tries again.
      throw SdkClientException.create("the proxy's answer broke off", e);
    }
  }
}
