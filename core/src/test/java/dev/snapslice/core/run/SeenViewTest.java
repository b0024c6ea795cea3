package dev.snapslice.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.view.NamedViews.Named;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeenViewTest {
  private static final ViewSpec NINE = ViewSpec.parse("tm20261124090000");
  private static final ViewSpec WINDOW = ViewSpec.parse("tm20261124090000-tm20261124093000123");

  @Property
  void is_read_as_it_was_written_whatever_the_key(
      @ForAll @StringLength(max = 40) String path, @ForAll boolean window) {
    SeenView view = new SeenView("my.films", window ? WINDOW : NINE, path);

    assertThat(SeenView.parse(view.toString())).isEqualTo(view);
  }

  @Test
  void is_read_as_it_was_written_though_the_key_looks_like_a_view() {
    SeenView view = new SeenView("films", NINE, "old.tm20200101000000/a");

    assertThat(SeenView.parse(view.toString())).isEqualTo(view);
  }

  @ParameterizedTest
  @CsvSource({
    // label's prefix, path, the view's path, the prefix of its keys
    "'', data/a, data/a, data/a/",
    "'', data/, data/, data/",
    "'', '', '', ''",
    "data/, data/a, data/a, data/a/",
    "data/tr, '', data/tr*, data/tr",
    "data/tr, data, data/tr*, data/tr",
    "'', data/2026*, data/2026*, data/2026",
  })
  void is_no_more_than_its_label_shows(String label, String path, String seen, String prefix) {
    SeenView view = SeenView.of("films", new Named(NINE, label), path).orElseThrow();

    assertThat(view.path()).isEqualTo(seen);
    assertThat(view.prefix()).isEqualTo(prefix);
  }

  @Test
  void is_none_where_its_label_shows_nothing() {
    assertThat(SeenView.of("films", new Named(NINE, "data/"), "other/a")).isEmpty();
  }
}
