package dev.snapslice.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.GatewayEvent;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lambda's entry to the REST API: an event of API Gateway's HTTP API in, its answer out. Refusals
 * and faults are answered as problems, and never fail the invocation.
 */
public final class ApiHandler implements RequestStreamHandler {
  private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);

  private final Api api;

  public ApiHandler() {
    this(
        Domain.of(
            Installation.from(System.getenv()),
            Domain.Clients.of(new AwsClients()),
            InstantSource.system()));
  }

  ApiHandler(Domain domain) {
    this.api = new Api(domain);
    Priming.register(() -> domain.buckets().list(), () -> {});
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Answer answer =
        Invocation.<Answer, IOException>run(
            "request", context, invocation -> handle(input, invocation));
    Json.MAPPER.writeValue(output, answer.forGateway());
  }

  private Answer handle(InputStream input, Invocation invocation) throws IOException {
    Answer answer;
    try {
      Request request = Request.parse(GatewayEvent.read(input));
      invocation.note("route", request.route()).note("principal", request.principal());
      answer = api.answer(request);
    } catch (RuntimeException e) {
      answer = refuse(e, invocation);
    }
    invocation.note("status", answer.status());
    invocation.count("Requests", 1);
    return answer;
  }

  private static Answer refuse(RuntimeException thrown, Invocation invocation) {
    Optional<Problem> problem = Problem.of(thrown);
    if (problem.isEmpty()) {
      log.error("a request failed", thrown);
      invocation.count("Faults", 1);
    }
    return problem.orElseGet(Problem::fault).answer();
  }
}
