package dev.snapslice.mlflow.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URI or a path in parts, as Python's {@code urlparse} finds them.
 *
 * @param written as a whole
 * @param scheme in lower case; empty where there is none
 * @param authority with the host; empty where there is none
 */
record SourceUri(String written, String scheme, String authority, String path) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:[?#].*)?", Pattern.DOTALL);
  private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");
  private static final List<String> ARTIFACT_ROUTE =
      List.of("api", "2.0", "mlflow-artifacts", "artifacts");
  private static final Set<String> OF_HOSTS =
      Set.of("ftp", "sftp", "hdfs", "viewfs", "http", "https", "r2", "b2", "abfss");

  static SourceUri parse(String written) {
    Matcher form = FORM.matcher(written);
    if (!form.matches()) {
      throw new IllegalStateException("the pattern takes every text");
    }
    return new SourceUri(
        written, text(form, 1).toLowerCase(Locale.ROOT), text(form, 2), form.group(3));
  }

  private static String text(Matcher form, int group) {
    return form.group(group) == null ? "" : form.group(group);
  }

  /** Whether it is a path on a machine of its own, or is written as one. */
  boolean isLocal() {
    return scheme.isEmpty() || scheme.equals("file");
  }

  /** Whether it is a file's on another host. */
  boolean isRemoteFile() {
    String host = authority.substring(authority.lastIndexOf('@') + 1).replaceFirst(":.*", "");
    return scheme.equals("file")
        && !host.isEmpty()
        && !host.equals(".")
        && !host.startsWith("localhost")
        && !host.startsWith("127.0.0.1");
  }

  /** Whether a server that reads it asks a host of the writer's choice. */
  boolean choosesHost() {
    return OF_HOSTS.contains(scheme) || (scheme.equals("mlflow-artifacts") && !authority.isEmpty());
  }

  /** Whether its artifacts are read through a tracking server. */
  boolean isOfTrackingServer() {
    List<String> parts = parts();
    boolean routed =
        Collections.indexOfSubList(parts, ARTIFACT_ROUTE) >= 0
            && (scheme.equals("http") || scheme.equals("https"));
    return scheme.equals("mlflow-artifacts") || routed;
  }

  /** Whether it lies under another one. */
  boolean isWithin(SourceUri root) {
    List<String> its = parts();
    List<String> roots = root.parts();
    return scheme.equals(root.scheme)
        && authority.equalsIgnoreCase(root.authority)
        && !roots.isEmpty()
        && its.size() >= roots.size()
        && its.subList(0, roots.size()).equals(roots);
  }

  private List<String> parts() {
    return Arrays.stream(path.split("/", -1))
        .filter(part -> !part.isEmpty())
        .map(SourceUri::unescaped)
        .toList();
  }

  /** The text without its escapes, and without those that were hidden in them. */
  static String unescaped(String text) {
    String plain =
        ESCAPES
            .matcher(text)
            .replaceAll(escapes ->
                Matcher.quoteReplacement(
                    new String(HexFormat.of().parseHex(escapes.group().replace("%", "")), UTF_8)));
    return plain.equals(text) ? plain : unescaped(plain);
  }

  /** Whether its path is absolute and names nothing in a roundabout way. */
  boolean isStraight() {
    String plain = unescaped(written.replace('+', ' '));
    String folder = parse(plain).path().replaceFirst("/+$", "").replaceAll("/+", "/");
    return !folder.contains("\0")
        && !Arrays.asList(plain.split("/", -1)).contains("..")
        && folder.startsWith("/")
        && !Arrays.asList(folder.split("/", -1)).contains(".");
  }
}
