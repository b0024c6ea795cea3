package dev.snapslice.proxy.mlflow;

import dev.snapslice.core.json.Json;
import dev.snapslice.proxy.http.Response;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A request that is refused, in the form of MLflow's own errors.
 *
 * @see <a
 *     href="https://github.com/mlflow/mlflow/blob/v3.17.2/mlflow/exceptions.py">mlflow.exceptions</a>
 */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  private RefusedException(int status, String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
  }

  static RefusedException invalid(String message) {
    return new RefusedException(400, "INVALID_PARAMETER_VALUE", message);
  }

  static RefusedException missing(String path) {
    return new RefusedException(
        404, "RESOURCE_DOES_NOT_EXIST", "No such artifact: '%s'".formatted(path));
  }

  static RefusedException unauthenticated() {
    return new RefusedException(401, "UNAUTHENTICATED", "show a token of Snapslice");
  }

  static RefusedException forbidden(String message) {
    return new RefusedException(403, "PERMISSION_DENIED", message);
  }

  static RefusedException noRoute(String message) {
    return new RefusedException(404, "ENDPOINT_NOT_FOUND", message);
  }

  /** What did not work is tried again by clients. */
  static RefusedException unavailable() {
    return new RefusedException(503, "TEMPORARILY_UNAVAILABLE", "S3 failed: try again");
  }

  /** What S3 refused, where that is the caller's. */
  static RefusedException of(S3Exception refused) {
    AwsErrorDetails details = refused.awsErrorDetails();
    return refused.statusCode() == 400 && details != null
        ? invalid(details.errorMessage())
        : unavailable();
  }

  Response response() {
    return Response.json(
        status,
        Json.write(
            Json.MAPPER.createObjectNode().put("error_code", code).put("message", getMessage())));
  }
}
