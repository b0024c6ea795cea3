package dev.snapslice.mlflow.permissions;

import dev.snapslice.mlflow.table.ContentHash;
import java.nio.charset.StandardCharsets;

/** Ids as MLflow wants them: numbers that a browser can hold. */
final class Numbers {
  /** Of 53 bits that a browser has, twelve are for the permissions of a role. */
  static final int BITS = 40;

  private static final int HEX_DIGITS = BITS / 4;
  private static final int HEX = 16;

  private Numbers() {}

  /** One that follows from a name. */
  static long of(String name) {
    String hash = ContentHash.of(name.getBytes(StandardCharsets.UTF_8));
    return Long.parseLong(hash.substring(0, HEX_DIGITS), HEX);
  }
}
