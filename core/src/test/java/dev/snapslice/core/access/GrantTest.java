package dev.snapslice.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrantTest {
  private static final Instant T = Instant.parse("2026-11-24T10:00:00Z");

  @Test
  void covers_itself_and_whatever_is_less() {
    Grant all = Grant.everywhere(Role.ADMIN);
    Grant some = grant(Role.WRITER, List.of("b", "a", "a"), "x/", T, T.plusSeconds(9));

    assertThat(all.covers(all)).isTrue();
    assertThat(all.covers(some)).isTrue();
    assertThat(some.covers(some)).isTrue();
    assertThat(some.covers(grant(Role.READER, List.of("b"), "x/y", T, T.plusSeconds(8)))).isTrue();
    assertThat(some.buckets()).containsExactly("a", "b");
  }

  @Test
  void covers_nothing_that_is_more_in_any_respect() {
    Grant some = grant(Role.WRITER, List.of("a"), "x/", T, T.plusSeconds(9));

    assertThat(some.covers(grant(Role.ADMIN, List.of("a"), "x/", T, T.plusSeconds(9)))).isFalse();
    assertThat(some.covers(grant(Role.WRITER, List.of(), "x/", T, T.plusSeconds(9)))).isFalse();
    assertThat(some.covers(grant(Role.WRITER, List.of("a"), "x", T, T.plusSeconds(9)))).isFalse();
    assertThat(some.covers(grant(Role.WRITER, List.of("a"), "x/", T.minusSeconds(1), T))).isFalse();
    assertThat(some.covers(grant(Role.WRITER, List.of("a"), "x/", T, T.plusSeconds(10)))).isFalse();
    assertThat(some.covers(Grant.everywhere(Role.READER))).isFalse();
  }

  @Test
  void its_borders_belong_to_it_but_its_end_does_not() {
    Grant some = grant(Role.READER, List.of(), "", T, T.plusSeconds(9));

    assertThat(some.coversMoment(T)).isTrue();
    assertThat(some.coversMoment(T.plusSeconds(9))).isTrue();
    assertThat(some.coversMoment(T.minusMillis(1))).isFalse();
    assertThat(some.coversMoment(T.plusMillis(9001))).isFalse();
    assertThat(some.expired(T.plusSeconds(99))).isFalse();
    assertThat(some.expired(T.plusSeconds(100))).isTrue();
  }

  @Test
  void a_range_ends_after_it_begins() {
    assertThatThrownBy(() -> grant(Role.READER, List.of(), "", T, T.minusMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Grant grant(
      Role role, List<String> buckets, String prefix, Instant from, Instant to) {
    return new Grant(
        role, buckets, prefix, Optional.of(from), Optional.of(to), Optional.of(T.plusSeconds(100)));
  }
}
