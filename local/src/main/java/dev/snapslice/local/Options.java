package dev.snapslice.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@code ./snapslice up} takes.
 *
 * @param root the repository
 * @param state where the stack keeps its files while it runs; emptied at the start
 * @param awsPort of S3, SQS and the rest of AWS
 * @param dynamoDbPort of DynamoDB Local
 * @param apiPort of the REST API with tokens; the one with signatures takes the next
 * @param tick the time between two runs of a scheduled function
 */
record Options(Path root, Path state, int awsPort, int dynamoDbPort, int apiPort, Duration tick) {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--root", ".",
          "--state", ".snapslice/stack",
          "--aws-port", "4566",
          "--dynamodb-port", "4567",
          "--api-port", "4568",
          "--tick-seconds", "5");

  /**
   * Reads {@code --name value} pairs.
   *
   * @throws IllegalArgumentException a name is unknown or a value is missing or no number
   */
  static Options parse(String... arguments) {
    var values = new HashMap<>(DEFAULTS);
    for (int i = 0; i < arguments.length; i += 2) {
      if (!DEFAULTS.containsKey(arguments[i]) || i + 1 == arguments.length) {
        throw new IllegalArgumentException(
            "'%s' is no option, or has no value; the options are %s"
                .formatted(
                    arguments[i], String.join(", ", DEFAULTS.keySet().stream().sorted().toList())));
      }
      values.put(arguments[i], arguments[i + 1]);
    }
    return new Options(
        Path.of(values.get("--root")).toAbsolutePath().normalize(),
        Path.of(values.get("--state")),
        Integer.parseInt(values.get("--aws-port")),
        Integer.parseInt(values.get("--dynamodb-port")),
        Integer.parseInt(values.get("--api-port")),
        Duration.ofSeconds(Long.parseLong(values.get("--tick-seconds"))));
  }
}
