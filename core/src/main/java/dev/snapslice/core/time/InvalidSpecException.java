package dev.snapslice.core.time;

/**
 * A time or view spec that cannot be read. The message quotes the text and names the form that is
 * wanted.
 */
public final class InvalidSpecException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidSpecException(String text, String wanted) {
    super("cannot read '%s': %s".formatted(text, wanted));
  }
}
