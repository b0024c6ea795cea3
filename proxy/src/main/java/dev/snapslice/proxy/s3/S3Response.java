package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer, its body still to be read: closed by who sends it.
 *
 * @param headers by name, a content-length among them
 */
public record S3Response(int status, Map<String, String> headers, InputStream body) {

  static S3Response xml(int status, String document) {
    byte[] bytes = document.getBytes(UTF_8);
    return new S3Response(
        status,
        Map.of("content-type", "application/xml", "content-length", "" + bytes.length),
        new ByteArrayInputStream(bytes));
  }

  /** Headers alone. */
  static S3Response empty(int status, Map<String, String> headers) {
    return new S3Response(status, headers, InputStream.nullInputStream());
  }

  S3Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new S3Response(status, more, body);
  }
}
