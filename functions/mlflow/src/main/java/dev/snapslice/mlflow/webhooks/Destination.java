package dev.snapslice.mlflow.webhooks;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a webhook may point.
 *
 * @param schemes of its URL
 * @param anywhere whether also into networks that are not public
 */
public record Destination(List<String> schemes, boolean anywhere) {
  /** In AWS. */
  public static final Destination PUBLIC = new Destination(List.of("https"), false);

  /** On one's own machine, where receivers are, too. */
  public static final Destination LOCAL = new Destination(List.of("https", "http"), true);

  /**
   * The URL of a webhook, which is refused as MLflow does.
   *
   * @throws MlflowException if nothing may be sent there
   */
  URI check(String url) {
    if (url.isBlank()) {
      throw MlflowException.invalid(
          "Webhook URL cannot be empty or just whitespace: " + Python.repr(url));
    }
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      if (url.strip().matches("\\w+://")) {
        throw nameless(url);
      }
      throw MlflowException.invalid(
          "Invalid webhook URL %s: %s".formatted(Python.repr(url), Python.repr(e.getReason())));
    }
    String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    if (!schemes.contains(scheme)) {
      throw MlflowException.invalid(
          "Invalid webhook URL scheme: %s. Allowed schemes are: %s."
              .formatted(Python.repr(scheme), String.join(", ", schemes)));
    }
    if (uri.getHost() == null) {
      throw nameless(url);
    }
    if (!anywhere) {
      resolve(uri.getHost().replaceAll("^\\[|]$", ""));
    }
    return uri;
  }

  private static MlflowException nameless(String url) {
    return MlflowException.invalid("Webhook URL must include a hostname: " + Python.repr(url));
  }

  private static void resolve(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!PublicAddress.is(address)) {
          throw MlflowException.invalid(
              "Webhook URL must not resolve to a non-public IP address. %s resolves to %s."
                  .formatted(Python.repr(host), address.getHostAddress()));
        }
      }
    } catch (UnknownHostException e) {
      throw MlflowException.invalid(
          "Cannot resolve Webhook URL hostname %s: %s"
              .formatted(Python.repr(host), "Name or service not known"));
    }
  }
}
