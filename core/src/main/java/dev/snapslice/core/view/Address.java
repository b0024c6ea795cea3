package dev.snapslice.core.view;

import dev.snapslice.core.uri.UriText;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a request is about: a bucket's name as it was written, the view of it, and a key.
 *
 * <p>The view may be named by the endpoint's host ({@code tm20261124093000.proxy.example.com}), by
 * the first segment of the path, or by the bucket's suffix ({@code films.tm20261124093000}), in
 * this order; a registered bucket whose real name ends so wins. The bucket is the path's first
 * segment, or a label of the host before our own domain.
 *
 * @param written the bucket as the client named it, as it stands in answers; empty for all buckets
 * @param bucket the registered bucket's name
 * @param spec of the view; empty for the present
 * @param key empty for the bucket itself
 */
public record Address(String written, String bucket, Optional<String> spec, String key) {
  private static final Pattern PORT = Pattern.compile(":[0-9]+$");
  private static final Pattern SPEC = Pattern.compile("tm[0-9].*|label-.+|run-[0-9a-f]{32}");

  /**
   * Tells them apart.
   *
   * @param domain under which we are reached; what the host has before it is a spec or a bucket
   * @param path as it was sent
   * @param registered whether there is a bucket of that name
   */
  public static Address of(String host, String domain, String path, Predicate<String> registered) {
    Optional<String> before = before(host, domain);
    Optional<String> spec = before.filter(Address::isSpec);
    String rest = path.substring(path.startsWith("/") ? 1 : 0);
    if (before.isPresent() && spec.isEmpty()) {
      return named(before.get(), Optional.empty(), UriText.decode(rest), registered);
    }
    String first = first(rest);
    if (spec.isEmpty() && isSpec(first) && !registered.test(first)) {
      spec = Optional.of(first);
      rest = afterFirst(rest);
      first = first(rest);
    }
    return named(UriText.decode(first), spec, UriText.decode(afterFirst(rest)), registered);
  }

  /** The same of a bucket's name and a key that stand in no URI, or were decoded. */
  public static Address of(String written, String key, Predicate<String> registered) {
    return named(written, Optional.empty(), key, registered);
  }

  private static Address named(
      String written, Optional<String> spec, String key, Predicate<String> registered) {
    int dot = written.lastIndexOf('.');
    boolean suffixed =
        spec.isEmpty()
            && dot > 0
            && isSpec(written.substring(dot + 1))
            && !registered.test(written);
    return suffixed
        ? new Address(
            written, written.substring(0, dot), Optional.of(written.substring(dot + 1)), key)
        : new Address(written, written, spec, key);
  }

  private static Optional<String> before(String host, String domain) {
    String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
    return name.endsWith("." + domain)
        ? Optional.of(name.substring(0, name.length() - domain.length() - 1))
        : Optional.empty();
  }

  /** Whether a text is meant to name a view, well-formed or not. */
  public static boolean isSpec(String text) {
    return SPEC.matcher(text).matches();
  }

  private static String first(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  private static String afterFirst(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? "" : path.substring(slash + 1);
  }
}
