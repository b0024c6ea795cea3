package dev.snapslice.core.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A token that is limited to experiments never lets its holder do what they may not do. */
class AccessPropertyTest {
  private static final List<String> IDS = List.of("1", "2", Resource.ALL);

  @Property
  void a_limit_takes_away_and_adds_nothing(
      @ForAll("accesses") Access all,
      @ForAll("resources") Resource resource,
      @ForAll Permission needed,
      @ForAll boolean made) {
    Optional<String> owner = made ? Optional.of(all.principal()) : Optional.of("somebody");
    Access limited =
        all.admin()
            ? Access.toChange(all.principal(), List.of("1"))
            : new Access(all.principal(), false, all.given(), all.byDefault(), List.of("1"));
    boolean within = resource.equals(Resource.experiment("1"));
    boolean may = limited.may(needed, resource, () -> owner);

    assertThat(limited.to(resource, owner).includes(needed)).isEqualTo(may);
    if (may && needed != Permission.DENY) {
      assertThat(within).isTrue();
      assertThat(all.may(needed, resource, () -> owner)).isTrue();
      assertThat(Permission.EDIT.includes(needed)).isTrue();
    }
    if (within && Permission.EDIT.includes(needed) && all.may(needed, resource, () -> owner)) {
      assertThat(may).isTrue();
    }
    assertThat(limited.everywhere(resource.kind(), needed)).isFalse();
    assertThat(limited.admin()).isFalse();
  }

  @Provide
  Arbitrary<Resource> resources() {
    return Combinators.combine(Arbitraries.of(ResourceKind.class), Arbitraries.of(IDS))
        .as(Resource::new);
  }

  @Provide
  Arbitrary<Access> accesses() {
    Arbitrary<Given> given =
        Combinators.combine(resources(), Arbitraries.of(Permission.class)).as(Given::new);
    List<Permission> defaults =
        Stream.of(Permission.values()).filter(each -> each != Permission.DENY).toList();
    return Combinators.combine(
            Arbitraries.of(true, false), given.list().ofMaxSize(4), Arbitraries.of(defaults))
        .as((admin, all, byDefault) -> new Access("ann", admin, all, byDefault, List.of()));
  }
}
