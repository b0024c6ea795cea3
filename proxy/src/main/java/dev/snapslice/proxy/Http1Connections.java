package dev.snapslice.proxy;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/**
 * HTTP/1.1 where Helidon's own falls short: Hadoop sends names in plain UTF-8 (see {@link
 * Utf8Context}), and a connection on which a request is half sent is as idle as one on which
 * nothing is asked. Helidon waits for the rest for ever, and a stop with it. Thread-safe.
 */
final class Http1Connections implements ServerConnectionSelector {
  private final ServerConnectionSelector http1;

  Http1Connections(Http1Config.Builder config) {
    this.http1 = Http1ConnectionSelector.builder().config(config.build()).build();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Utf8Context ours = new Utf8Context(context);
    return new Connection(http1.connection(ours), ours);
  }

  private record Connection(ServerConnection http1, Utf8Context context)
      implements ServerConnection, InterruptableTask<Void> {

    @Override
    public void handle(Limit limit) throws InterruptedException {
      http1.handle(limit);
    }

    @Override
    public Duration idleTime() {
      return context.waits();
    }

    @Override
    public void close(boolean interrupt) {
      context.close();
      http1.close(interrupt || canInterrupt());
    }

    @Override
    public boolean canInterrupt() {
      return context.waits().isPositive();
    }
  }
}
