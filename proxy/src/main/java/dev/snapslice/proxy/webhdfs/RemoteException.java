package dev.snapslice.proxy.webhdfs;

/**
 * A request that is refused, by the exception that HDFS itself would throw: Hadoop's client throws
 * it again on its side.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html#Error_Responses">Error
 *     responses</a>
 */
final class RemoteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String javaClass;

  private RemoteException(int status, String javaClass, String message) {
    super(message, null, false, false);
    this.status = status;
    this.javaClass = javaClass;
  }

  int status() {
    return status;
  }

  String javaClass() {
    return javaClass;
  }

  static RemoteException invalid(String message) {
    return new RemoteException(400, "java.lang.IllegalArgumentException", message);
  }

  static RemoteException unsupported(String message) {
    return new RemoteException(400, "java.lang.UnsupportedOperationException", message);
  }

  static RemoteException unauthenticated() {
    return new RemoteException(
        401,
        "org.apache.hadoop.security.AccessControlException",
        "Authentication required: a delegation token, an access token, an API token as bearer or"
            + " user name, or HTTP Basic.");
  }

  /** A delegation token that is none or has ended: Hadoop's client asks for another one. */
  static RemoteException invalidToken(String message) {
    return new RemoteException(
        403, "org.apache.hadoop.security.token.SecretManager$InvalidToken", message);
  }

  static RemoteException denied(String message) {
    return new RemoteException(403, "org.apache.hadoop.security.AccessControlException", message);
  }

  static RemoteException readOnly() {
    return new RemoteException(
        403,
        "org.apache.hadoop.hdfs.protocol.SnapshotAccessControlException",
        "Modification on a read-only snapshot is disallowed: write to the bucket itself.");
  }

  static RemoteException io(String message) {
    return new RemoteException(403, "java.io.IOException", message);
  }

  static RemoteException notFound(String path) {
    return new RemoteException(
        404, "java.io.FileNotFoundException", "File does not exist: " + path);
  }

  static RemoteException missing(String message) {
    return new RemoteException(404, "java.io.FileNotFoundException", message);
  }

  static RemoteException failed() {
    return new RemoteException(500, "java.io.IOException", "An internal error: please try again.");
  }

  /** Hadoop's client tries again by itself. */
  static RemoteException retriable(String message) {
    return new RemoteException(503, "org.apache.hadoop.ipc.RetriableException", message);
  }
}
