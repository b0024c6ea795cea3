package dev.snapslice.core.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
  private static final Set<String> REGISTERED =
      Set.of("films", "old.tm20261124093000", "tm20261124093000");

  @ParameterizedTest
  @CsvSource({
    // host, path, bucket, spec, key
    "proxy.test, /films/a/b, films, , a/b",
    "proxy.test, /films, films, , ''",
    "proxy.test, /, '', , ''",
    "proxy.test:8080, /films.tm20261124093000/a, films, tm20261124093000, a",
    "proxy.test, /films.tm20261124093000-tm20261124100000/a, films, tm20261124093000-tm20261124100000, a",
    "proxy.test, /films.label-train-v3/a, films, label-train-v3, a",
    "proxy.test, /films.tm2026/a, films, tm2026, a",
    "proxy.test, /my.films/a, my.films, , a",
    "proxy.test, /films.run-0123456789abcdef0123456789abcdef/a, films, run-0123456789abcdef0123456789abcdef, a",
    "proxy.test, /films.run-fast/a, films.run-fast, , a",
    // A bucket whose real name ends so wins.
    "proxy.test, /old.tm20261124093000/a, old.tm20261124093000, , a",
    "proxy.test, /tm20261124093000/a, tm20261124093000, , a",
    // In the host, and in the path.
    "films.proxy.test, /a/b, films, , a/b",
    "films.tm20261124093000.proxy.test:1, /a, films, tm20261124093000, a",
    "TM20261124093000.Proxy.Test, /films/a, films, tm20261124093000, a",
    "label-v3.proxy.test, /films/a, films, label-v3, a",
    "run-0123456789abcdef0123456789abcdef.proxy.test, /films/a, films, run-0123456789abcdef0123456789abcdef, a",
    "proxy.test, /run-0123456789abcdef0123456789abcdef/films/a, films, run-0123456789abcdef0123456789abcdef, a",
    "proxy.test, /run-fast/a, run-fast, , a",
    "proxy.test, /tm20261124100000/films/a, films, tm20261124100000, a",
    "other.test, /films/a, films, , a",
    // Keys as they were sent.
    "proxy.test, /films/a%2Fb%20c+d, films, , a/b c+d",
    "proxy.test, /films//a/../b, films, , /a/../b",
  })
  void tells_bucket_view_and_key_apart(
      String host, String path, String bucket, String spec, String key) {
    Address address = Address.of(host, "proxy.test", path, REGISTERED::contains);

    assertThat(address.bucket()).isEqualTo(bucket);
    assertThat(address.spec().orElse(null)).isEqualTo(spec);
    assertThat(address.key()).isEqualTo(key);
  }
}
