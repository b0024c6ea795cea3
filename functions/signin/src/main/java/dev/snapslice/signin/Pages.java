package dev.snapslice.signin;

/** The few pages that are not MLflow's. */
final class Pages {
  private static final String HEAD =
      "<!doctype html><meta charset=\"utf-8\"><title>MLflow</title>"
          + "<meta name=\"viewport\" content=\"width=device-width\">"
          + "<link rel=\"icon\" href=\"/static-files/favicon.ico\">"
          + "<style>body{font:16px system-ui,sans-serif;margin:20vh auto;max-width:32em;padding:0 1em}"
          + "</style>";
  private static final String AGAIN = "<p><a href=\"/auth/login?return=/\">Sign in</a>";

  private Pages() {}

  /** Brings along what stands behind the address's {@code #}, which browsers send to nobody. */
  static String login() {
    return HEAD
        + "<script>location.replace('/auth/login?return='+encodeURIComponent('/'+location.hash))</script>"
        + "<noscript>"
        + AGAIN
        + "</noscript>";
  }

  /** From here on it is this host that asks, and the browser sends the session's cookie along. */
  static String welcome(ReturnPath back) {
    String place = back.text().replace("&", "&amp;");
    return HEAD
        + "<meta http-equiv=\"refresh\" content=\"0;url=%s\"><p><a href=\"%s\">MLflow</a>"
            .formatted(place, place);
  }

  /** Asks first, as whoever makes a link may lead here. */
  static String logout() {
    return HEAD
        + "<form method=\"post\" action=\"/auth/logout\"><p><button>Sign out of MLflow</button></form>";
  }

  static String signedOut() {
    return HEAD + "<p>You are signed out." + AGAIN;
  }

  static String refused(String message) {
    return HEAD + "<p>" + message.replace("&", "&amp;").replace("<", "&lt;") + AGAIN;
  }
}
