package dev.snapslice.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The sample events of the folder {@code test-events}. */
final class TestEvents {
  private static final Path FOLDER = Path.of("..", "..", "test-events");

  private TestEvents() {}

  static String read(String name) {
    try {
      return Files.readString(FOLDER.resolve(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
