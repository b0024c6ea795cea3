package dev.snapslice.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
 * @param proxyPort of the read proxy
 * @param mlflowPort of MLflow with tokens; the one with signatures takes the next
 * @param defaultPermission of users of MLflow, with what they were given nothing for
 * @param signInIssuer of an OpenID provider on this machine, by which people sign in; empty for
 *     none
 * @param tick the time between two runs of a scheduled function
 */
record Options(
    Path root,
    Path state,
    int awsPort,
    int dynamoDbPort,
    int apiPort,
    int proxyPort,
    int mlflowPort,
    String defaultPermission,
    String signInIssuer,
    Duration tick) {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--root", ".",
          "--state", ".snapslice/stack",
          "--aws-port", "4566",
          "--dynamodb-port", "4567",
          "--api-port", "4568",
          "--proxy-port", "4570",
          "--mlflow-port", "4571",
          "--default-permission", "MANAGE",
          "--sign-in-issuer", "",
          "--tick-seconds", "5");

  /**
   * Reads {@code --name value} pairs.
   *
   * @throws IllegalArgumentException a name is unknown, or a value is missing or no such number
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
        number(values, "--aws-port", 65_535),
        number(values, "--dynamodb-port", 65_535),
        number(values, "--api-port", 65_534),
        number(values, "--proxy-port", 65_535),
        number(values, "--mlflow-port", 65_534),
        values.get("--default-permission"),
        values.get("--sign-in-issuer"),
        Duration.ofSeconds(number(values, "--tick-seconds", 3_600)));
  }

  private static int number(Map<String, String> values, String name, int most) {
    String value = values.get(name);
    if (!value.matches("[1-9]\\d{0,4}") || Integer.parseInt(value) > most) {
      throw new IllegalArgumentException(
          "%s %s: want a number from 1 to %d".formatted(name, value, most));
    }
    return Integer.parseInt(value);
  }

  /**
   * Looks whether every port is free.
   *
   * @throws IllegalArgumentException one is taken; says which, and the option that moves it
   */
  void checkPorts() {
    check("--aws-port", awsPort);
    check("--dynamodb-port", dynamoDbPort);
    check("--api-port", apiPort);
    check("--api-port", apiPort + 1);
    check("--proxy-port", proxyPort);
    check("--mlflow-port", mlflowPort);
    check("--mlflow-port", mlflowPort + 1);
  }

  private static void check(String option, int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true); // connections of a server that has ended may linger
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "port %d is taken by another program: end it, or choose another by %s"
              .formatted(port, option),
          e);
    }
  }
}
