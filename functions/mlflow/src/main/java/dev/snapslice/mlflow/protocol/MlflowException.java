package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.Optional;

/**
 * A request that is refused, in the form of MLflow's own errors: clients raise what the code says,
 * with this message.
 */
public final class MlflowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /**
   * What is wrong, with its HTTP status and, as MLflow tells them, its class and SQLSTATE.
   *
   * @see <a
   *     href="https://github.com/mlflow/mlflow/blob/v3.17.2/mlflow/exceptions.py">mlflow.exceptions</a>
   */
  public enum Code {
    INVALID_PARAMETER_VALUE(400, "INVALID_PARAMETER_VALUE", "KAM00"),
    BAD_REQUEST(400, "INVALID_PARAMETER_VALUE", "KAM00"),
    RESOURCE_ALREADY_EXISTS(400, "RESOURCE_ALREADY_EXISTS", "KAM00"),
    UNAUTHENTICATED(401),
    PERMISSION_DENIED(403, "PERMISSION_DENIED", "KAM00"),
    RESOURCE_DOES_NOT_EXIST(404, "RESOURCE_NOT_FOUND", "KAM00"),
    ENDPOINT_NOT_FOUND(404, "RESOURCE_NOT_FOUND", "KAM00"),
    REQUEST_LIMIT_EXCEEDED(429),
    INVALID_STATE(500, "CLIENT_INTERNAL_ERROR", "XXM00"),
    INTERNAL_ERROR(500, "CLIENT_INTERNAL_ERROR", "XXM00"),
    NOT_IMPLEMENTED(501),
    TEMPORARILY_UNAVAILABLE(503, "CLIENT_INTERNAL_ERROR", "XXM00");

    private final int status;
    private final Optional<String> errorClass;
    private final Optional<String> sqlState;

    Code(int status, String errorClass, String sqlState) {
      this.status = status;
      this.errorClass = Optional.of(errorClass);
      this.sqlState = Optional.of(sqlState);
    }

    Code(int status) {
      this.status = status;
      this.errorClass = Optional.empty();
      this.sqlState = Optional.empty();
    }
  }

  public MlflowException(Code code, String message) {
    super(message);
    this.code = code;
  }

  /** A parameter that MLflow does not take. */
  public static MlflowException invalid(String message) {
    return new MlflowException(Code.INVALID_PARAMETER_VALUE, message);
  }

  public static MlflowException missing(String message) {
    return new MlflowException(Code.RESOURCE_DOES_NOT_EXIST, message);
  }

  /** The caller may not do that; nobody is told whether it would work otherwise. */
  public static MlflowException denied() {
    return new MlflowException(Code.PERMISSION_DENIED, "Permission denied");
  }

  public Code code() {
    return code;
  }

  /** The answer in its place. */
  public Reply reply() {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("error_code", code.name());
    error.put("message", getMessage());
    code.sqlState.ifPresent(state -> error.put("sqlstate", state));
    code.errorClass.ifPresent(kind -> error.put("error_class", kind));
    return Reply.json(code.status, error);
  }
}
