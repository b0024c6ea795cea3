package dev.snapslice.maintenance;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.core.install.Installation;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The Lambda function that EventBridge invokes once a minute; what the event says is no matter. */
public final class ScheduleHandler implements RequestStreamHandler {
  private final Schedule schedule;

  /** As Lambda starts it. */
  public ScheduleHandler() {
    Workshop workshop = new Workshop(Installation.from(System.getenv()));
    this.schedule = workshop.schedule();
    Priming.register(() -> workshop.catalog().list());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Invocation.<Void, RuntimeException>run(
        "schedule",
        context,
        invocation -> {
          invocation.note("buckets", schedule.tick());
          return null;
        });
  }
}
