package dev.snapslice.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a function does before SnapStart takes its snapshot, so that classes are loaded and clients
 * made in every environment that is restored from it, and after that.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html">SnapStart
 *     runtime hooks</a>
 */
public final class Priming implements Resource {
  private static final Logger log = LoggerFactory.getLogger(Priming.class);

  // CRaC holds its resources weakly.
  private static final List<Priming> registered = new CopyOnWriteArrayList<>();

  private final Runnable before;
  private final Runnable after;

  Priming(Runnable before, Runnable after) {
    this.before = before;
    this.after = after;
  }

  /** To be called by a handler's constructor. Without SnapStart it is never run. */
  public static void register(Runnable beforeSnapshot) {
    register(beforeSnapshot, () -> {});
  }

  /** As above, with what has to be made anew in every restored environment. */
  public static void register(Runnable beforeSnapshot, Runnable afterRestore) {
    Priming priming = new Priming(beforeSnapshot, afterRestore);
    registered.add(priming);
    Core.getGlobalContext().register(priming);
  }

  /** A function that cannot be primed starts slower, and works. */
  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) {
    try {
      before.run();
    } catch (RuntimeException e) {
      log.warn("priming stopped half-way", e);
    }
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) {
    after.run();
  }
}
