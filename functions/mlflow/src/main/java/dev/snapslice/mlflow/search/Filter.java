package dev.snapslice.mlflow.search;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a filter: comparisons with {@code AND} between them. What they may compare is up to the
 * kind of entity that is searched. As MLflow reads SQL, it takes an {@code AND} too many, and one
 * that is missing.
 *
 * <pre>
 * filter     = { comparison | "AND" }
 * comparison = column ( operator value | [ "NOT" ] "IN" list | "IS" ( "NULL" | "NOT NULL" ) )
 * operator   = "=" | "!=" | "&lt;" | "&lt;=" | ">" | ">=" | "LIKE" | "ILIKE" | "RLIKE"
 * list       = "(" text { "," text } [ "," ] ")"
 * column     = part { "." part } [ "." ] ; no spaces; a part may be in double quotes or backticks,
 *                                          the last of several in single quotes
 * text       = in single or double quotes ; what is in them is the value as it stands
 * </pre>
 */
public final class Filter {
  private static final Pattern TOKEN =
      Pattern.compile(
          """
          (?<space>\\s+)\
          |(?<number>-?(?:[0-9]+(?:\\.[0-9]+)?[eE]-?[0-9]+|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?![\\w.]))\
          |(?<text>%s)\
          |(?<column>(?i:NOT[ ]NULL\\b)|%s)\
          |(?<sign><=|>=|!=|=|<|>|\\(|\\)|,)\
          |(?<other>.)\
          """
              .formatted(Column.TEXT, Column.WRITTEN),
          Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);

  private static final Set<String> KEYWORDS =
      Set.of("AND", "OR", "IS", "IN", "NOT", "LIKE", "ILIKE", "RLIKE");

  private final String filter;
  private final List<Token> tokens;
  private int next;

  private enum Kind {
    NUMBER,
    TEXT,
    COLUMN,
    SIGN,
    END
  }

  private record Token(Kind kind, String written) {
    boolean is(String word) {
      return written.equalsIgnoreCase(word);
    }
  }

  private Filter(String filter) {
    this.filter = filter;
    this.tokens = tokens(filter);
  }

  /**
   * The comparisons of a filter that all have to hold; none for an empty one.
   *
   * @throws MlflowException if it is no filter
   */
  public static List<Comparison> parse(String filter) {
    return filter.isEmpty() ? List.of() : new Filter(filter).comparisons();
  }

  /**
   * The comparison that a filter is.
   *
   * @throws MlflowException if it is something else
   */
  public static Comparison single(String filter) {
    Filter read = new Filter(filter);
    Comparison comparison = read.comparison();
    if (read.peek().kind() != Kind.END) {
      throw read.invalid();
    }
    return comparison;
  }

  private static List<Token> tokens(String filter) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(filter);
    while (matcher.find()) {
      if (matcher.group("other") != null) {
        throw MlflowException.invalid(
            "Invalid clause(s) in filter string: '%s'"
                .formatted(filter.substring(matcher.start())));
      }
      for (Kind kind : List.of(Kind.NUMBER, Kind.TEXT, Kind.COLUMN, Kind.SIGN)) {
        String written = matcher.group(kind.name().toLowerCase(Locale.ROOT));
        if (written != null) {
          tokens.add(new Token(kind, written));
        }
      }
    }
    tokens.add(new Token(Kind.END, ""));
    return tokens;
  }

  private List<Comparison> comparisons() {
    if (peek().kind() == Kind.END) {
      throw invalid();
    }
    List<Comparison> comparisons = new ArrayList<>();
    while (peek().kind() != Kind.END) {
      if (peek().is("AND")) {
        next++;
      } else {
        comparisons.add(comparison());
      }
    }
    return comparisons;
  }

  private Comparison comparison() {
    boolean afterValue =
        next > 0 && !tokens.get(next - 1).is("AND") && !tokens.get(next - 1).is("NULL");
    Token column = take(Kind.COLUMN);
    Token operator = take();
    boolean isWord = operator.is("IS") || operator.is("NOT") || operator.is("IN");
    // Then SQL takes the column for another name of what is before it.
    if (afterValue && isWord) {
      throw invalid();
    }
    Column compared = Column.parse(column.written());
    if (operator.is("IS")) {
      Token what = take();
      if (!what.is("NULL") && !what.is("NOT NULL")) {
        throw invalid();
      }
      return new Comparison(
          compared, "IS " + what.written().toUpperCase(Locale.ROOT), new Comparison.Nothing());
    }
    if (operator.is("NOT")) {
      if (!take().is("IN")) {
        throw invalid();
      }
      return new Comparison(compared, "NOT IN", list());
    }
    if (operator.is("IN")) {
      return new Comparison(compared, operator.written(), list());
    }
    boolean known =
        operator.kind() == Kind.SIGN
            ? !"(),".contains(operator.written())
            : operator.is("LIKE") || operator.is("ILIKE") || operator.is("RLIKE");
    if (!known) {
      throw invalid();
    }
    return new Comparison(compared, operator.written(), value());
  }

  private Comparison.Value value() {
    Token token = take();
    if (KEYWORDS.contains(token.written().toUpperCase(Locale.ROOT))) {
      throw invalid();
    }
    return switch (token.kind()) {
      case TEXT -> text(token);
      case NUMBER -> new Comparison.Numeral(token.written());
      case COLUMN ->
          token.written().startsWith("\"") && token.written().endsWith("\"")
              ? text(token)
              : new Comparison.Word(token.written());
      default -> throw invalid();
    };
  }

  private static int last(Token token) {
    return token.written().length() - 1;
  }

  private static Comparison.Text text(Token token) {
    return new Comparison.Text(token.written().substring(1, last(token)), token.written());
  }

  private Comparison.Texts list() {
    if (!take().is("(")) {
      throw invalid();
    }
    List<String> texts = new ArrayList<>();
    while (!peek().is(")")) {
      if (!(value() instanceof Comparison.Text(String text, String written))) {
        throw MlflowException.invalid(
            "While parsing a list in the query, expected string value, punctuation, or whitespace, "
                + "but got a different type in list: "
                + filter);
      }
      texts.add(inList(text, written.charAt(0)));
      if (!peek().is(")") && !take().is(",")) {
        throw invalid();
      }
    }
    next++;
    if (texts.isEmpty()) {
      throw MlflowException.invalid(
          "While parsing a list in the query, expected a non-empty list of string values, but got "
              + "empty list: "
              + filter);
    }
    return new Comparison.Texts(texts, filter);
  }

  /** A list is read as Python's, where two texts without a comma are one. */
  private static String inList(String text, char quote) {
    if (text.indexOf('\\') >= 0 || text.lines().count() > 1) {
      throw MlflowException.invalid(
          "A text in a list holds no backslash and no line break, but got: " + text);
    }
    return text.replace(String.valueOf(quote).repeat(2), "");
  }

  private Token peek() {
    return tokens.get(next);
  }

  private Token take() {
    Token token = peek();
    if (token.kind() == Kind.END) {
      throw invalid();
    }
    next++;
    return token;
  }

  private Token take(Kind kind) {
    Token token = take();
    if (token.kind() != kind) {
      throw invalid();
    }
    return token;
  }

  private MlflowException invalid() {
    return MlflowException.invalid("Invalid clause(s) in filter string: '%s'".formatted(filter));
  }
}
