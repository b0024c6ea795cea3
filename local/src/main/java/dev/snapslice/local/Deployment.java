package dev.snapslice.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.snapslice.local.http.Route;
import dev.snapslice.local.lambda.FunctionSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was deployed, as {@code snapslice_local/deployment.py} wrote it down.
 *
 * @param functions every function with its code
 * @param queues which queue feeds which function
 * @param scheduled names of the functions that a schedule invokes
 * @param apis the HTTP APIs and their routes
 * @param proxy the environment of the read proxies' container
 * @param outputs the stacks' outputs
 */
public record Deployment(
    List<Function> functions,
    List<QueueSource> queues,
    List<String> scheduled,
    List<Api> apis,
    Map<String, String> proxy,
    Map<String, String> outputs) {

  /** Under which the proxy is on this machine. */
  static final String PROXY_DOMAIN = "localhost";

  static final String REGION = "us-east-1";

  /** A deployed function and where its code lies. */
  public record Function(
      String name,
      String jar,
      String handler,
      Map<String, String> environment,
      int timeoutSeconds,
      int memoryMib) {
    /** As it is run beside a local AWS. */
    public FunctionSpec spec(String aws, String dynamoDb) {
      var variables = beside(environment, aws, dynamoDb);
      variables.put("POWERTOOLS_TRACER_CAPTURE_RESPONSE", "false");
      variables.put("SNAPSLICE_PROXY_DOMAIN", PROXY_DOMAIN);
      return new FunctionSpec(
          name,
          Path.of(jar).toAbsolutePath(),
          handler,
          variables,
          Duration.ofSeconds(timeoutSeconds),
          memoryMib);
    }
  }

  /** An event source mapping from a queue to a function. */
  public record QueueSource(
      String queueArn, String queueUrl, String function, int batchSize, int windowSeconds) {}

  /** An HTTP API. */
  public record Api(String name, List<Route> routes) {
    boolean signed() {
      return routes.stream().anyMatch(route -> route.authorization().equals("AWS_IAM"));
    }

    boolean mlflow() {
      return name.contains("-mlflow-");
    }
  }

  /** An environment with a local AWS in place of the real one. */
  static Map<String, String> beside(Map<String, String> environment, String aws, String dynamoDb) {
    var variables = new HashMap<>(environment);
    variables.putAll(
        Map.of(
            "AWS_REGION", REGION,
            "AWS_DEFAULT_REGION", REGION,
            "AWS_ACCESS_KEY_ID", "test",
            "AWS_SECRET_ACCESS_KEY", "test",
            "AWS_ENDPOINT_URL", aws,
            "AWS_ENDPOINT_URL_DYNAMODB", dynamoDb));
    return variables;
  }

  /** Reads what was written down. */
  public static Deployment read(Path file) throws IOException {
    return new ObjectMapper()
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .readValue(file.toFile(), Deployment.class);
  }
}
