package dev.snapslice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.crac.Core;
import org.junit.jupiter.api.Test;

class PrimingTest {
  private final List<String> done = new ArrayList<>();

  @Test
  void primes_before_the_snapshot_and_refreshes_after_it() {
    Priming priming = new Priming(() -> done.add("primed"), () -> done.add("refreshed"));

    priming.beforeCheckpoint(Core.getGlobalContext());
    priming.afterRestore(Core.getGlobalContext());

    assertThat(done).containsExactly("primed", "refreshed");
  }

  @Test
  void a_function_that_cannot_be_primed_is_deployed_all_the_same() {
    Runnable failing =
        () -> {
          done.add("tried");
          throw new IllegalStateException("no table yet");
        };

    new Priming(failing, () -> {}).beforeCheckpoint(Core.getGlobalContext());

    assertThat(done).containsExactly("tried");
  }
}
