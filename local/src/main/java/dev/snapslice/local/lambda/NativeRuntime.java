package dev.snapslice.local.lambda;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The native part of Lambda's runtime client, unpacked once for all processes of this one. The
 * client by itself unpacks it to one fixed path at each start, over the copy that running processes
 * have mapped, which kills them.
 */
final class NativeRuntime {
  /** The option of a process that makes its client load this copy. */
  static final String OPTION =
      "-Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI="
          + unpacked();

  private NativeRuntime() {}

  private static Path unpacked() {
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    String name = "/jni/libaws-lambda-jni.linux-" + architecture + ".so";
    try (var library = NativeRuntime.class.getResourceAsStream(name)) {
      if (library == null) {
        throw new FileNotFoundException(name + " is not on the class path");
      }
      Path copy = Files.createTempDirectory("snapslice-").resolve("libaws-lambda-jni.so");
      Files.write(copy, library.readAllBytes());
      copy.getParent().toFile().deleteOnExit();
      copy.toFile().deleteOnExit();
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException("Lambda's runtime client cannot be unpacked", e);
    }
  }
}
