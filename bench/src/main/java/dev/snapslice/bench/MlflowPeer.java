package dev.snapslice.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** MLflow's own server, over SQLite and with the workers that it starts by itself. */
final class MlflowPeer implements AutoCloseable {
  private static final Path FOLDER = Path.of(".snapslice", "bench-mlflow");
  private static final String PYTHON =
      Path.of(".snapslice", "mlflow", "bin", "python").toAbsolutePath().toString();
  private static final int TRIES = 600;

  private final Process process;
  private final URI url;

  private MlflowPeer(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  static MlflowPeer start() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    Files.deleteIfExists(database());
    int port = Minio.freePort();
    List<String> command =
        List.of(
            PYTHON,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            "sqlite:///" + database(),
            "--artifacts-destination",
            FOLDER.resolve("artifacts").toAbsolutePath().toString(),
            "--port",
            "" + port);
    MlflowPeer peer =
        new MlflowPeer(run(command, "server.log"), URI.create("http://127.0.0.1:" + port));
    peer.await();
    return peer;
  }

  private static Path database() {
    return FOLDER.resolve("mlflow.db").toAbsolutePath();
  }

  private static Process run(List<String> command, String log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONPATH", Path.of("local", "python").toAbsolutePath().toString());
    // Its job runners are ten processes more, and would slow it down.
    builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
    return builder.redirectErrorStream(true).redirectOutput(FOLDER.resolve(log).toFile()).start();
  }

  private void await() throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < TRIES && process.isAlive(); i++) {
        try {
          client.send(
              HttpRequest.newBuilder(url.resolve("/health")).build(), BodyHandlers.discarding());
          return;
        } catch (IOException e) {
          Thread.sleep(200);
        }
      }
    }
    throw new IllegalStateException("mlflow server did not start: see " + FOLDER + "/server.log");
  }

  MlflowServer server() {
    return new MlflowServer(url);
  }

  /** Fills an experiment, past its API. */
  void fill(String experiment, int runs) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            PYTHON,
            "-m",
            "snapslice_local.mlflow_rows",
            database().toString(),
            experiment,
            "" + runs);
    if (run(command, "fill.log").waitFor() != 0) {
      throw new IllegalStateException("mlflow's database was not filled: see its fill.log");
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
