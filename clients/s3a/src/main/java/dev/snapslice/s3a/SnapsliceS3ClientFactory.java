package dev.snapslice.s3a;

import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import org.apache.hadoop.fs.s3a.DefaultS3ClientFactory;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * S3A's client for a bucket behind a read proxy of Snapslice: asks the proxy for names, and S3 for
 * bytes. Used with {@code
 * spark.hadoop.fs.s3a.s3.client.factory.impl=dev.snapslice.s3a.SnapsliceS3ClientFactory}.
 *
 * <p>All of S3A's streams, of every {@code fs.s3a.input.stream.type}, and its vectored reads get
 * objects from the synchronous client alone. The asynchronous one serves uploads and copies, which
 * the proxy refuses, so it is left as it is. Not thread-safe, as its superclass; its clients are.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/r3.5.0/hadoop-aws/tools/hadoop-aws/index.html">Hadoop's
 *     S3A</a>
 */
public final class SnapsliceS3ClientFactory extends DefaultS3ClientFactory {

  @Override
  public S3Client createS3Client(URI uri, S3ClientCreationParameters parameters)
      throws IOException {
    S3Client client = super.createS3Client(uri, parameters);
    // Who pays has to be signed, so such reads stay with the proxy.
    return parameters.isRequesterPays()
        ? client
        : new DirectReads(client, uri.getHost(), InstantSource.system());
  }
}
