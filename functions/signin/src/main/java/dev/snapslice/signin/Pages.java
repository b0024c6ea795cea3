package dev.snapslice.signin;

import static java.time.temporal.ChronoUnit.SECONDS;

import dev.snapslice.core.access.Credentials.Issued;
import java.net.URI;

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

  static String credentials() {
    return HEAD
        + "<form method=\"post\" action=\"/auth/credentials\"><p>An API token and an access key, for"
        + " as long as you are signed in: <p><button>Make them</button></form>";
  }

  /** Shows secrets, once. */
  static String credentials(URI address, Issued token, Issued accessKey) {
    return HEAD
        + """
        <p>For MLflow's clients and the REST API:
        <pre>export MLFLOW_TRACKING_URI=%s
        export MLFLOW_TRACKING_TOKEN=%s</pre>
        <p>For S3 clients of the read proxy:
        <pre>aws_access_key_id = %s
        aws_secret_access_key = %s</pre>
        <p>Nobody sees them again. They end when you sign out, at the latest at %s.
        """
            .formatted(
                address,
                token.token(),
                accessKey.credential().id(),
                accessKey.secret(),
                token.credential().grant().expires().orElseThrow().truncatedTo(SECONDS));
  }

  static String signedOut() {
    return HEAD + "<p>You are signed out." + AGAIN;
  }

  static String refused(String message) {
    return HEAD + "<p>" + message.replace("&", "&amp;").replace("<", "&lt;") + AGAIN;
  }
}
