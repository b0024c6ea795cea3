package dev.snapslice.mlflow.tracking;

/** URIs of artifacts. */
public final class Uris {
  private Uris() {}

  /** A URI with more segments at the end of its path; its query stays. */
  public static String append(String uri, String... segments) {
    int query = uri.indexOf('?');
    String path = query < 0 ? uri : uri.substring(0, query);
    StringBuilder longer = new StringBuilder(path);
    for (String segment : segments) {
      if (!longer.isEmpty() && longer.charAt(longer.length() - 1) != '/') {
        longer.append('/');
      }
      longer.append(segment);
    }
    return query < 0 ? longer.toString() : longer + uri.substring(query);
  }
}
