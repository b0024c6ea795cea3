package dev.snapslice.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** DynamoDB Local's SQLite, which comes on the class path and has to lie in a folder. */
final class NativeLibraries {
  private NativeLibraries() {}

  /** Copies them to a folder and tells SQLite, which looks for them without Maven's version. */
  static void unpack() throws IOException {
    Path folder = Files.createTempDirectory("snapslice-bench");
    folder.toFile().deleteOnExit();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.startsWith("libsqlite4java")) {
        Path target = folder.resolve(name.replaceFirst("-[0-9.]+(\\.[a-z]+)$", "$1"));
        Files.copy(Path.of(entry), target);
        target.toFile().deleteOnExit();
      }
    }
    System.setProperty("sqlite4java.library.path", folder.toString());
  }
}
