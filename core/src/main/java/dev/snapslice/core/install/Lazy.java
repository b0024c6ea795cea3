package dev.snapslice.core.install;

import java.util.function.Supplier;

/** A value that is made once, when it is first asked for. Thread-safe. */
public final class Lazy<T> implements Supplier<T> {
  private final Supplier<T> make;
  private volatile T value;

  public Lazy(Supplier<T> make) {
    this.make = make;
  }

  @Override
  public T get() {
    T seen = value;
    if (seen == null) {
      synchronized (this) {
        if (value == null) {
          value = make.get();
        }
        seen = value;
      }
    }
    return seen;
  }
}
