package dev.snapslice.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.snapslice.local.http.Route;
import dev.snapslice.local.lambda.FunctionSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What was deployed, as {@code snapslice_local/deployment.py} wrote it down.
 *
 * @param functions every function with its code
 * @param queues which queue feeds which function
 * @param scheduled names of the functions that a schedule invokes
 * @param apis the HTTP APIs and their routes
 * @param outputs the stacks' outputs
 */
record Deployment(
    List<Function> functions,
    List<QueueSource> queues,
    List<String> scheduled,
    List<Api> apis,
    Map<String, String> outputs) {

  record Function(
      String name,
      String jar,
      String handler,
      Map<String, String> environment,
      int timeoutSeconds,
      int memoryMib) {
    FunctionSpec with(Map<String, String> more) {
      var merged = new java.util.HashMap<>(environment);
      merged.putAll(more);
      return new FunctionSpec(
          name,
          Path.of(jar).toAbsolutePath(),
          handler,
          merged,
          Duration.ofSeconds(timeoutSeconds),
          memoryMib);
    }
  }

  record QueueSource(
      String queueArn, String queueUrl, String function, int batchSize, int windowSeconds) {}

  record Api(String name, List<Route> routes) {
    boolean signed() {
      return routes.stream().anyMatch(route -> route.authorization().equals("AWS_IAM"));
    }
  }

  static Deployment read(Path file) throws IOException {
    return new ObjectMapper()
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .readValue(file.toFile(), Deployment.class);
  }
}
