package dev.snapslice.core.time;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * A moment, in UTC and whole milliseconds, as it is written in bucket names and URLs: {@code
 * tmYYYYMMDDHHMMSS}, optionally followed by three digits of milliseconds. Whole seconds mean {@code
 * .000}.
 */
public record TimeSpec(Instant at) implements Comparable<TimeSpec> {
  private static final Pattern COMPACT = Pattern.compile("tm[0-9]{14}([0-9]{3})?");
  private static final Pattern EPOCH_MILLIS = Pattern.compile("[0-9]{1,14}");
  private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuuMMddHHmmss");
  private static final String COMPACT_FORM =
      "want tmYYYYMMDDHHMMSS in UTC, optionally with 3 digits of milliseconds";
  private static final String ANY_FORM = COMPACT_FORM + ", an RFC 3339 time, or epoch milliseconds";

  public TimeSpec {
    at = at.truncatedTo(ChronoUnit.MILLIS);
  }

  /** Reads the compact form only, the one that fits in a bucket name. */
  public static TimeSpec parse(String text) {
    if (!COMPACT.matcher(text).matches()) {
      throw new InvalidSpecException(text, COMPACT_FORM);
    }
    try {
      Instant second = LocalDateTime.parse(text.substring(2, 16), STRICT).toInstant(ZoneOffset.UTC);
      long millis = text.length() == 19 ? Long.parseLong(text.substring(16)) : 0;
      return new TimeSpec(second.plusMillis(millis));
    } catch (DateTimeParseException e) {
      throw new InvalidSpecException(text, COMPACT_FORM);
    }
  }

  private static final DateTimeFormatter STRICT =
      SECONDS.withResolverStyle(java.time.format.ResolverStyle.STRICT);

  /**
   * Reads the compact form, RFC 3339 with any offset, or epoch milliseconds: what the REST API
   * takes.
   */
  public static TimeSpec parseAny(String text) {
    if (text.startsWith("tm")) {
      return parse(text);
    }
    try {
      return EPOCH_MILLIS.matcher(text).matches()
          ? new TimeSpec(Instant.ofEpochMilli(Long.parseLong(text)))
          : new TimeSpec(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
    } catch (DateTimeException e) {
      throw new InvalidSpecException(text, ANY_FORM);
    }
  }

  /**
   * The compact form: without milliseconds where there are none, so that it is as short as can be.
   */
  @Override
  public String toString() {
    String seconds = "tm" + SECONDS.format(at.atOffset(ZoneOffset.UTC));
    int millis = at.get(ChronoField.MILLI_OF_SECOND);
    return millis == 0 ? seconds : seconds + "%03d".formatted(millis);
  }

  @Override
  public int compareTo(TimeSpec other) {
    return at.compareTo(other.at);
  }
}
