package dev.snapslice.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer, its body still to be read: closed by who sends it.
 *
 * @param headers by name, a content-length among them where it is known
 */
public record Response(int status, Map<String, String> headers, InputStream body) {

  public static Response xml(int status, String document) {
    return of(status, "application/xml", document);
  }

  public static Response json(int status, String document) {
    return of(status, "application/json", document);
  }

  private static Response of(int status, String type, String document) {
    byte[] bytes = document.getBytes(UTF_8);
    return new Response(
        status,
        Map.of("content-type", type, "content-length", "" + bytes.length),
        new ByteArrayInputStream(bytes));
  }

  /** A document of unknown length. */
  public static Response streamed(String type, InputStream document) {
    return new Response(200, Map.of("content-type", type), document);
  }

  /** The body of a document that is small and at hand. */
  public String text() {
    try {
      return new String(body.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Headers alone. */
  public static Response empty(int status, Map<String, String> headers) {
    return new Response(status, headers, InputStream.nullInputStream());
  }

  public Response without(String name) {
    Map<String, String> fewer = new LinkedHashMap<>(headers);
    fewer.remove(name);
    return new Response(status, fewer, body);
  }

  public Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, more, body);
  }
}
