package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** How Python writes and reads values, where MLflow's messages show it. */
public final class Python {
  private static final Pattern INTEGER = Pattern.compile("\\s*[+-]?\\d+(_\\d+)*+\\s*");
  private static final Pattern FLOAT =
      Pattern.compile(
          "\\s*[+-]?(\\d+(\\.\\d*)?([eE][+-]?\\d+)?|\\.\\d+([eE][+-]?\\d+)?|inf|infinity|nan)\\s*",
          Pattern.CASE_INSENSITIVE);

  private Python() {}

  /** Whether {@code int(text)} is a number. */
  public static boolean isInteger(String text) {
    return INTEGER.matcher(text).matches();
  }

  /** Whether {@code float(text)} is a number. */
  public static boolean isFloat(String text) {
    return FLOAT.matcher(text).matches();
  }

  /** What {@code float(text)} is, where it is a number. */
  public static double toFloat(String text) {
    String number = text.strip().toLowerCase(Locale.ROOT);
    double sign = number.startsWith("-") ? -1 : 1;
    return switch (number.replaceFirst("^[+-]", "")) {
      case "inf", "infinity" -> sign * Double.POSITIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(number);
    };
  }

  /** The name of the type that {@code json.loads} makes of a value. */
  public static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "str";
      case BOOLEAN -> "bool";
      case NUMBER -> value.isIntegralNumber() ? "int" : "float";
      case ARRAY -> "list";
      case OBJECT -> "dict";
      default -> "NoneType";
    };
  }

  /** {@code json.dumps} with sorted keys and no spaces. */
  static String json(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> quoted(value.asText());
      case ARRAY ->
          StreamSupport.stream(value.spliterator(), false)
              .map(Python::json)
              .collect(Collectors.joining(",", "[", "]"));
      case OBJECT -> {
        TreeMap<String, String> members = new TreeMap<>();
        value.properties().forEach(m -> members.put(quoted(m.getKey()), json(m.getValue())));
        yield members.entrySet().stream()
            .map(member -> member.getKey() + ":" + member.getValue())
            .collect(Collectors.joining(",", "{", "}"));
      }
      default -> value.toString();
    };
  }

  /** {@code repr} of a text. */
  public static String repr(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder repr = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '\\' -> repr.append("\\\\");
            case '\n' -> repr.append("\\n");
            case '\r' -> repr.append("\\r");
            case '\t' -> repr.append("\\t");
            default -> repr.append(c == quote ? "\\" : "").appendCodePoint(c);
          }
        });
    return repr.append(quote).toString();
  }

  /** {@code repr} of a number that is one. */
  public static String repr(double number) {
    BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (number == 0 || (exponent >= -4 && exponent < 16)) {
      return exact.toPlainString() + (exact.scale() > 0 ? "" : ".0");
    }
    String digits = exact.unscaledValue().abs().toString();
    return (number < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." : "")
        + digits.substring(1)
        + "e%+03d".formatted(exponent);
  }

  /** {@code str} of a list of texts. */
  public static String list(List<String> texts) {
    return texts.stream().map(Python::repr).collect(Collectors.joining(", ", "[", "]"));
  }

  /** {@code json.dumps} of a text: everything but ASCII escaped. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        default ->
            quoted.append(c < ' ' || c > '~' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    return quoted.append('"').toString();
  }
}
