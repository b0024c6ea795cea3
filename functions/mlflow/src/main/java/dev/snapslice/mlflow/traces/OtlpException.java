package dev.snapslice.mlflow.traces;

import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Reply;

/** What is wrong with an OTLP request; MLflow answers that in another form than the rest. */
final class OtlpException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  OtlpException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The answer in its place. */
  Reply reply() {
    return Reply.json(status, Json.MAPPER.createObjectNode().put("detail", getMessage()));
  }
}
