package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/**
 * Moments and durations as protobuf writes them in JSON, in milliseconds.
 *
 * @see <a href="https://protobuf.dev/programming-guides/json/">ProtoJSON</a>
 */
final class Times {
  private static final int LAST_YEAR = 9_999;

  /** With as many digits as it takes; a power of ten could stand for any number of them. */
  private static final Pattern DURATION = Pattern.compile("[+-]?\\d{1,12}(\\.\\d{0,18})?s");

  private Times() {}

  static String moment(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /**
   * Epoch milliseconds of a moment that was sent.
   *
   * @throws MlflowException if the text is none, or of a year that protobuf does not write
   */
  static long millis(String moment) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(moment).withOffsetSameInstant(ZoneOffset.UTC);
      if (time.getYear() >= 1 && time.getYear() <= LAST_YEAR) {
        return time.toInstant().toEpochMilli();
      }
    } catch (DateTimeException e) {
      // It is none.
    }
    throw MlflowException.invalid(
        "'%s' is no moment: write it as 2026-01-31T12:00:00.000Z".formatted(moment));
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
    if (!DURATION.matcher(duration).matches()) {
      throw MlflowException.invalid("'%s' is no duration: write it as 1.500s".formatted(duration));
    }
    return new BigDecimal(duration.substring(0, duration.length() - 1))
        .movePointRight(3)
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }
}
