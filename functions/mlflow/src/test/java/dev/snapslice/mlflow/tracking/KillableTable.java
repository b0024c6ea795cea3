package dev.snapslice.mlflow.tracking;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.function.Supplier;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/** A table whose client dies, or does something else, before some write. */
public final class KillableTable {
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), this::call), LocalDynamo.newCatalogTable());
  private int writesLeft = Integer.MAX_VALUE;
  private Runnable then = () -> {};

  private static final class KilledException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  public TrackingTable table() {
    return table;
  }

  private DynamoDbResponse call(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    boolean reads = request instanceof QueryRequest || request instanceof GetItemRequest;
    if (!reads && interrupts()) {
      then.run();
    }
    return send.get();
  }

  private synchronized boolean interrupts() {
    writesLeft--;
    return writesLeft < 0;
  }

  /** Does some work, of which only so many writes happen. */
  public void killed(int writes, Runnable work) {
    writesLeft = writes;
    then =
        () -> {
          throw new KilledException();
        };
    try {
      work.run();
    } catch (KilledException e) {
      // What is left has to do.
    } finally {
      writesLeft = Integer.MAX_VALUE;
    }
  }

  /** Does some work, and after so many of its writes something else. */
  public void interrupted(int writes, Runnable other, Runnable work) {
    writesLeft = writes;
    then =
        () -> {
          writesLeft = Integer.MAX_VALUE;
          other.run();
        };
    try {
      work.run();
    } finally {
      writesLeft = Integer.MAX_VALUE;
    }
  }
}
