package dev.snapslice.mlflow.protocol;

import java.util.List;

/**
 * A field of a message.
 *
 * @param of what a message or a list of messages consists of
 * @param names that an enumeration has, by number
 * @param required whether its absence, or an empty text, is refused
 */
public record Field(String name, Kind kind, List<Field> of, List<String> names, boolean required) {

  /** The types of protobuf that MLflow's messages have. */
  public enum Kind {
    TEXT,
    INTEGER,
    NUMBER,
    FLAG,
    CHOICE,
    MESSAGE,
    JSON,
    TEXTS,
    MESSAGES
  }

  private static Field plain(String name, Kind kind) {
    return new Field(name, kind, List.of(), List.of(), false);
  }

  public static Field text(String name) {
    return plain(name, Kind.TEXT);
  }

  /** 64 bits. */
  public static Field integer(String name) {
    return plain(name, Kind.INTEGER);
  }

  public static Field number(String name) {
    return plain(name, Kind.NUMBER);
  }

  /** True or false. */
  public static Field flag(String name) {
    return plain(name, Kind.FLAG);
  }

  /** A map, or one of protobuf's well-known types: whatever JSON was sent. */
  public static Field json(String name) {
    return plain(name, Kind.JSON);
  }

  /** One of some names, which are numbered from one on. */
  public static Field choice(String name, String... names) {
    return new Field(name, Kind.CHOICE, List.of(), List.of(names), false);
  }

  public static Field texts(String name) {
    return plain(name, Kind.TEXTS);
  }

  public static Field message(String name, Field... of) {
    return new Field(name, Kind.MESSAGE, List.of(of), List.of(), false);
  }

  public static Field messages(String name, Field... of) {
    return new Field(name, Kind.MESSAGES, List.of(of), List.of(), false);
  }

  /** The same field, and it may not be left out. */
  public Field mandatory() {
    return new Field(name, kind, of, names, true);
  }

  boolean repeated() {
    return kind == Kind.TEXTS || kind == Kind.MESSAGES;
  }

  /** As protobuf names it in JSON; it takes both. */
  String jsonName() {
    return jsonName(name);
  }

  /** What protobuf calls a field in JSON. */
  public static String jsonName(String name) {
    if (name.indexOf('_') < 0) {
      // As most are, of each metric of a batch.
      return name;
    }
    StringBuilder camel = new StringBuilder();
    for (String word : name.split("_", -1)) {
      boolean first = camel.isEmpty();
      camel.append(first || word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)));
      camel.append(first || word.isEmpty() ? "" : word.substring(1));
    }
    return camel.toString();
  }
}
