package dev.snapslice.s3a;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.signer.Signer;
import software.amazon.awssdk.http.SdkHttpFullRequest;

/**
 * Sends a read to a URL that was signed for it, instead of signing it. S3 refuses headers of its
 * own that were not signed, so that only what HTTP itself defines is sent along, ranges among it.
 * Immutable and thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html">Authenticating
 *     requests: using query parameters</a>
 */
final class UrlSigner implements Signer {
  private final SignedUrl url;

  UrlSigner(SignedUrl url) {
    this.url = url;
  }

  @Override
  public SdkHttpFullRequest sign(SdkHttpFullRequest request, ExecutionAttributes attributes) {
    SdkHttpFullRequest.Builder direct =
        SdkHttpFullRequest.builder().method(request.method()).uri(url.location());
    for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith("x-amz-") && !name.equals("host") && !name.equals("authorization")) {
        direct.putHeader(header.getKey(), header.getValue());
      }
    }
    url.headers().forEach(direct::putHeader);
    return direct.build();
  }
}
