package dev.snapslice.maintenance;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lambda function behind the tasks queue: does what the messages ask for and answers which of
 * them have to come again. A task that fails again and again goes to the dead-letter queue; its
 * bucket says why.
 */
public final class TaskHandler implements RequestStreamHandler {
  private static final Logger log = LoggerFactory.getLogger(TaskHandler.class);

  /** Enough to end a step, write a checkpoint and answer. */
  private static final Duration RESERVE = Duration.ofSeconds(30);

  private final Worker worker;
  private final BucketCatalog catalog;

  /** As Lambda starts it. */
  public TaskHandler() {
    this(new Workshop(Installation.from(System.getenv())));
    // The bucket is nobody's, so nothing is done.
    Priming.register(() -> catalog.get("snapslice.priming"));
  }

  private TaskHandler(Workshop workshop) {
    this(workshop.worker(), workshop.catalog());
  }

  TaskHandler(Worker worker, BucketCatalog catalog) {
    this.worker = worker;
    this.catalog = catalog;
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    List<Map<String, String>> failures = new ArrayList<>();
    for (JsonNode record : Json.MAPPER.readTree(input).path("Records")) {
      try {
        run(record.path("body").asText(), context);
      } catch (RuntimeException e) {
        // Logged with its cause by the invocation; the queue brings it again.
        failures.add(Map.of("itemIdentifier", record.path("messageId").asText()));
      }
    }
    Json.MAPPER.writeValue(output, Map.of("batchItemFailures", failures));
  }

  private void run(String body, Context context) {
    Invocation.<Void, RuntimeException>run(
        "task",
        context,
        invocation -> {
          MaintenanceTask task = MaintenanceTask.parse(body);
          invocation.note("task", task.getClass().getSimpleName());
          Duration time = invocation.remaining().minus(RESERVE);
          try {
            worker.run(task, Instant.now().plus(time), report(invocation));
          } catch (BucketCatalog.UnknownBucketException e) {
            // It was removed since: nothing is left to do.
            invocation.note("dropped", e.getMessage());
          } catch (RuntimeException e) {
            tell(task, e);
            throw e;
          }
          return null;
        });
  }

  private static Worker.Report report(Invocation invocation) {
    return new Worker.Report() {
      @Override
      public void count(String metric, long many) {
        invocation.count(metric, many);
      }

      @Override
      public void note(String name, Object value) {
        invocation.note(name, value);
      }
    };
  }

  /** Tells the owner of a bucket why its task is being tried again. */
  private void tell(MaintenanceTask task, RuntimeException problem) {
    String bucket =
        switch (task) {
          case MaintenanceTask.Enable enable -> enable.bucket();
          case MaintenanceTask.Disable disable -> disable.bucket();
          case MaintenanceTask.Backfill backfill -> backfill.bucket();
          case MaintenanceTask.Reconcile reconcile -> reconcile.bucket();
          case MaintenanceTask.Maintain maintain -> "";
          case MaintenanceTask.Sweep sweep -> "";
          case MaintenanceTask.Restore restore -> "";
          case MaintenanceTask.Export export -> "";
        };
    if (!bucket.isEmpty()) {
      try {
        String reason = Optional.ofNullable(problem.getMessage()).orElse(problem.toString());
        catalog.update(bucket, b -> b.with(b.progress().failed(reason)));
      } catch (RuntimeException e) {
        log.warn("the bucket's progress could not be written", e);
      }
    }
  }
}
