package dev.snapslice.local.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;

/**
 * What CloudFront puts in front of MLflow's API, all under one address: the fleet, which has the
 * artifacts, the UI's files, and the session of a browser.
 */
public record Distribution(Upstream artifacts, UiFiles ui) {
  /** Of a request, with what its session proves, as all behind this address read them. */
  Headers headers(HttpExchange exchange) {
    return BrowserSession.headers(exchange);
  }

  /** Answers what is not the API's; returns whether it did. */
  boolean answers(HttpExchange exchange, Headers headers) throws IOException {
    Optional<String> beginning = BrowserSession.begins(exchange);
    if (beginning.isPresent()) {
      BrowserSession.begin(exchange, beginning.get());
    } else if (artifacts.serves(exchange)) {
      artifacts.pass(exchange, headers);
    } else if (ui.serves(exchange)) {
      ui.send(exchange);
    } else {
      return false;
    }
    return true;
  }
}
