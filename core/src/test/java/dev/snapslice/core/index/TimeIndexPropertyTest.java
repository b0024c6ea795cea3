package dev.snapslice.core.index;

import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random histories of a bucket that behaves as S3 does: every view must show what the bucket
 * showed. Run more of them with {@code -Dsnapslice.histories=100000}.
 */
class TimeIndexPropertyTest {
  private static final int TRIES = 50;
  private static final int HISTORIES = Integer.getInteger("snapslice.histories", 200);

  /** Of one history that failed, to see it again. */
  private static final Long SEED = Long.getLong("snapslice.seed");

  @Property(shrinking = ShrinkingMode.OFF, tries = TRIES)
  void every_view_shows_what_the_bucket_showed(@ForAll long seed) {
    if (SEED != null) {
      check(SEED);
      return;
    }
    LongStream.range(0, (HISTORIES + TRIES - 1) / TRIES)
        .map(n -> seed * 1_000_003 + n)
        .parallel()
        .forEach(TimeIndexPropertyTest::check);
  }

  /** A late marker and a removal, folded together: the one took away what the other rewrote. */
  @Example
  void a_history_that_once_failed_is_shown_as_it_was() {
    check(-62_000_176);
  }

  /** A late version below a marker that is removed two segments later, where it comes to light. */
  @Example
  void another_history_that_once_failed_is_shown_as_it_was() {
    check(443_090_580_922_105_666L);
  }

  private static void check(long seed) {
    try {
      ToldHistory history = new ToldHistory(seed);

      history.live();

      history.checkAllViews();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("history of seed " + seed, e);
    }
  }
}
