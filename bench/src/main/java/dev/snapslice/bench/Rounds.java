package dev.snapslice.bench;

import java.util.concurrent.Callable;

/** Times the same work at the origin and through the proxy, in turn. */
final class Rounds {
  private static final int ROUNDS = 5;

  private final Report report;
  private final String what;
  private final double[] millis = new double[ROUNDS];

  /** The work of one round. */
  interface Proxied {
    Object call(int round) throws Exception;
  }

  Rounds(Report report, String what) {
    this.report = report;
    this.what = what;
  }

  /**
   * How many times longer it takes through the proxy, the median of the rounds after one to warm
   * up.
   *
   * @throws IllegalStateException if the two do not come to the same
   */
  double ratio(Callable<?> direct, Proxied proxied) throws Exception {
    Object found = proxied.call(ROUNDS);
    if (!found.equals(direct.call())) {
      throw new IllegalStateException(
          "%s: %s here, %s there".formatted(what, found, direct.call()));
    }
    double[] ratios = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double origin = millis(direct);
      int round = i;
      millis[i] = millis(() -> proxied.call(round));
      ratios[i] = millis[i] / origin;
      report.progress(
          "%s: %,.1f ms direct, %,.1f ms through the proxy".formatted(what, origin, millis[i]));
    }
    return ProxyBench.median(ratios);
  }

  /** What it took through the proxy. */
  double millis() {
    return ProxyBench.median(millis);
  }

  private static double millis(Callable<?> work) throws Exception {
    long start = System.nanoTime();
    work.call();
    return (System.nanoTime() - start) / 1e6;
  }
}
