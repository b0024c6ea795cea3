package dev.snapslice.local;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * AWS's DynamoDB Local in this process, its data in a folder. See <a
 * href="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html">its
 * usage notes</a>.
 */
final class LocalDynamoDb implements AutoCloseable {
  private final DynamoDBProxyServer server;

  private LocalDynamoDb(DynamoDBProxyServer server) {
    this.server = server;
  }

  /** Starts it on a port of the loopback interface. */
  static LocalDynamoDb start(int port, Path data) throws Exception {
    Files.createDirectories(data);
    System.setProperty("sqlite4java.library.path", unpackNatives(data).toString());
    DynamoDBProxyServer server =
        ServerRunner.createServerFromCommandLineArgs(
            new String[] {
              "-disableTelemetry",
              "-dbPath",
              data.toString(),
              "-sharedDb",
              "-port",
              Integer.toString(port)
            });
    server.start();
    return new LocalDynamoDb(server);
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }

  /** SQLite looks for its library without the version that Maven puts in the file's name. */
  private static Path unpackNatives(Path folder) throws IOException {
    Path natives = Files.createDirectories(folder.resolveSibling("native"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.startsWith("libsqlite4java")) {
        Path target = natives.resolve(name.replaceFirst("-[0-9.]+(\\.[a-z]+)$", "$1"));
        Files.copy(Path.of(entry), target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return natives;
  }
}
