package dev.snapslice.mlflow.tracking;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Names for runs and models that were given none, as MLflow makes them: an adjective, an animal, a
 * number.
 */
public final class RunNames {
  private static final int MOST_NUMBERS = 1_000;
  private static final List<String> ADJECTIVES =
      List.of(
          "able", "bold", "brave", "bright", "calm", "clever", "curious", "daring", "eager", "fair",
          "fond", "gentle", "glad", "grand", "honest", "jolly", "keen", "kind", "lively", "loyal",
          "lucid", "merry", "mild", "neat", "nimble", "patient", "plain", "polite", "proud",
          "quick", "quiet", "rapid", "ready", "serene", "sharp", "silent", "smart", "steady",
          "sunny", "swift", "tidy", "trusty", "vivid", "warm", "wise", "witty", "young", "zesty");
  private static final List<String> ANIMALS =
      List.of(
          "badger", "bat", "bear", "beaver", "bee", "bison", "boar", "crane", "crow", "deer",
          "dove", "duck", "eagle", "eel", "elk", "falcon", "finch", "fox", "frog", "gecko", "goose",
          "hare", "hawk", "heron", "horse", "ibis", "jay", "koala", "lark", "lion", "lynx", "mole",
          "moose", "newt", "otter", "owl", "panda", "puma", "quail", "raven", "robin", "seal",
          "stork", "swan", "tern", "tiger", "toad", "trout", "vole", "whale", "wolf", "wren", "yak",
          "zebra");

  private RunNames() {}

  public static String next(RandomGenerator random) {
    return "%s-%s-%d"
        .formatted(
            ADJECTIVES.get(random.nextInt(ADJECTIVES.size())),
            ANIMALS.get(random.nextInt(ANIMALS.size())),
            random.nextInt(MOST_NUMBERS));
  }
}
