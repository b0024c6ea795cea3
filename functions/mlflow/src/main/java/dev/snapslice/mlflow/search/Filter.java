package dev.snapslice.mlflow.search;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a filter: comparisons with {@code AND} between them. What they may compare is up to the
 * kind of entity that is searched.
 *
 * <pre>
 * filter     = [ comparison { "AND" comparison } ]
 * comparison = column ( operator value | [ "NOT" ] "IN" list | "IS" [ "NOT" ] "NULL" )
 * operator   = "=" | "!=" | "&lt;" | "&lt;=" | ">" | ">=" | "LIKE" | "ILIKE" | "RLIKE"
 * list       = "(" text { "," text } [ "," ] ")"
 * column     = part { "." part } ; no spaces; a part may be in double quotes or backticks
 * </pre>
 */
public final class Filter {
  private static final Pattern TOKEN =
      Pattern.compile(
          """
          (?<space>\\s+)\
          |(?<number>[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?(?![\\w.]))\
          |(?<text>'[^']*')\
          |(?<column>%s)\
          |(?<sign><=|>=|!=|=|<|>|\\(|\\)|,)\
          |(?<other>.)\
          """
              .formatted(Column.WRITTEN),
          Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);

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
    return filter.isBlank() ? List.of() : new Filter(filter).comparisons();
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
    List<Comparison> comparisons = new ArrayList<>(List.of(comparison()));
    while (tokens.get(next).kind() != Kind.END) {
      if (!take().is("AND")) {
        throw invalid();
      }
      comparisons.add(comparison());
    }
    return comparisons;
  }

  private Comparison comparison() {
    Token column = take(Kind.COLUMN);
    Token operator = take();
    Column compared = Column.parse(column.written());
    if (operator.is("IS")) {
      boolean not = tokens.get(next).is("NOT");
      next += not ? 1 : 0;
      if (!take().is("NULL")) {
        throw invalid();
      }
      return new Comparison(compared, not ? "IS NOT NULL" : "IS NULL", new Comparison.Nothing());
    }
    if (operator.is("NOT")) {
      if (!take().is("IN")) {
        throw invalid();
      }
      return new Comparison(compared, "NOT IN", list());
    }
    if (operator.is("IN")) {
      return new Comparison(compared, "IN", list());
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
    return switch (token.kind()) {
      case TEXT -> text(token);
      case NUMBER -> new Comparison.Numeral(token.written());
      case COLUMN ->
          token.written().startsWith("\"") && token.written().indexOf('"', 1) == last(token)
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
    while (!tokens.get(next).is(")")) {
      if (!(value() instanceof Comparison.Text text)) {
        throw MlflowException.invalid(
            "While parsing a list in the query, expected string value, punctuation, or whitespace, "
                + "but got a different type in list: "
                + filter);
      }
      texts.add(text.text());
      if (!tokens.get(next).is(")") && !take().is(",")) {
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

  private Token take() {
    Token token = tokens.get(next);
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
