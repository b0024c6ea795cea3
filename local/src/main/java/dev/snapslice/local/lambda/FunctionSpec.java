package dev.snapslice.local.lambda;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A Lambda function as it was deployed.
 *
 * @param name the function's name
 * @param code the packaged jar
 * @param handler the handler class, with or without {@code ::method}
 * @param environment the variables that the function sees beside Lambda's own
 * @param timeout how long one invocation may take
 * @param memoryMib the memory configured, a bound for the JVM's heap
 */
public record FunctionSpec(
    String name,
    Path code,
    String handler,
    Map<String, String> environment,
    Duration timeout,
    int memoryMib) {
  /** Copies the environment. */
  public FunctionSpec {
    environment = Map.copyOf(environment);
  }
}
