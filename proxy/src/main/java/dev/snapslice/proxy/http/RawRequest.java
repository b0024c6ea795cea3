package dev.snapslice.proxy.http;

import dev.snapslice.core.uri.MalformedUriException;
import dev.snapslice.core.uri.UriText;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An HTTP request as it was sent, nothing decoded: what signatures are made of. Used by one thread
 * at a time.
 */
public final class RawRequest {
  private final String method;
  private final String path;
  private final String query;
  private final Map<String, List<String>> headers;
  private final Supplier<InputStream> body;
  private final Audit audit = new Audit();
  private Optional<List<Parameter>> parameters = Optional.empty();

  /** A decoded name and value of the query; the value is empty where there is none. */
  public record Parameter(String name, String value) {}

  /** One whose body nobody reads. */
  public RawRequest(String method, String path, String query, Map<String, List<String>> headers) {
    this(method, path, query, headers, InputStream::nullInputStream);
  }

  /**
   * A request.
   *
   * @param path from the first slash
   * @param query without its question mark, empty if there is none
   * @param headers by lower-case name, each with all of its values in order
   * @param body asked for once, and only by who reads it
   */
  public RawRequest(
      String method,
      String path,
      String query,
      Map<String, List<String>> headers,
      Supplier<InputStream> body) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = headers;
    this.body = body;
  }

  public String method() {
    return method;
  }

  public String path() {
    return path;
  }

  public String query() {
    return query;
  }

  public Map<String, List<String>> headers() {
    return headers;
  }

  /** What was sent along; to be read once. */
  public InputStream body() {
    return body.get();
  }

  /** What is known by now of who asks for what. */
  public Audit audit() {
    return audit;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name)).map(List::getFirst);
  }

  /**
   * The query's parameters, in order.
   *
   * @throws MalformedUriException if they are no encoded UTF-8
   */
  public List<Parameter> parameters() {
    if (parameters.isEmpty()) {
      parameters = Optional.of(parsed(query));
    }
    return parameters.get();
  }

  private static List<Parameter> parsed(String query) {
    List<Parameter> parameters = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.add(new Parameter(UriText.decodeQuery(name), UriText.decodeQuery(value)));
      }
    }
    return parameters;
  }

  /** The first value of a parameter. */
  public Optional<String> parameter(String name) {
    return parameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .map(Parameter::value)
        .findFirst();
  }
}
