package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/**
 * Moments and durations as protobuf writes them in JSON, in milliseconds.
 *
 * @see <a href="https://protobuf.dev/programming-guides/json/">ProtoJSON</a>
 */
final class Times {
  private Times() {}

  static String moment(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /**
   * Epoch milliseconds of a moment.
   *
   * @throws MlflowException if the text is none
   */
  static long millis(String moment) {
    try {
      return OffsetDateTime.parse(moment).toInstant().toEpochMilli();
    } catch (DateTimeParseException e) {
      throw MlflowException.invalid(
          "'%s' is no moment: write it as 2026-01-31T12:00:00.000Z".formatted(moment));
    }
  }

  static String duration(long millis) {
    BigDecimal seconds = BigDecimal.valueOf(millis, 3);
    return (millis % 1_000 == 0 ? seconds.setScale(0) : seconds).toPlainString() + "s";
  }

  /**
   * Milliseconds of a duration.
   *
   * @throws MlflowException if the text is none
   */
  static long ofDuration(String duration) {
    try {
      if (duration.endsWith("s")) {
        return new BigDecimal(duration.substring(0, duration.length() - 1))
            .movePointRight(3)
            .setScale(0, RoundingMode.FLOOR)
            .longValueExact();
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // It is none.
    }
    throw MlflowException.invalid("'%s' is no duration: write it as 1.500s".formatted(duration));
  }
}
