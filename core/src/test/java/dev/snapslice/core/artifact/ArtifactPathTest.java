package dev.snapslice.core.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactPathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../a",
        "a/../b",
        "a/..",
        "/a",
        "//a",
        "%2fa",
        "a/%2e%2e/b",
        "a/%252e%252e%252fb",
        "..%2fa",
        "a\\..\\b",
        "a%5cb",
        "C:/a",
        "C:\\a",
        "\\\\host\\share",
        "file:///etc/passwd",
        "FILE:a",
        "a#b",
        "a%23b",
        "%25252525252525252525252e"
      })
  void refuses_what_leads_elsewhere(String sent) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArtifactPath.parse(sent))
        .withMessage("Invalid path");
  }

  @ParameterizedTest
  @CsvSource({
    "a/b.txt, a/b.txt",
    "a//./b/, a/b",
    "'', ''",
    "'a b/ä.txt', 'a b/ä.txt'",
    "a%20b, 'a b'",
    "a%2Fb, a/b",
    "100%.txt, 100%.txt",
    "..a/b.., ..a/b..",
    "a:b, a:b"
  })
  void takes_what_stays_below(String sent, String path) {
    assertThat(ArtifactPath.parse(sent).text()).isEqualTo(path);
  }

  @Test
  void escapes_control_characters() {
    assertThat(ArtifactPath.parse("a\nb").text()).isEqualTo("a%0ab");
  }

  @ParameterizedTest
  @CsvSource({
    "1/r/artifacts/a, true",
    "1/models/m/artifacts/a/b, true",
    "1/r/artifacts, true",
    "1/artifacts/a, false",
    "1/r, false",
    "1, false",
    "'', false"
  })
  void belongs_to_a_run_a_model_or_a_trace(String path, boolean owned) {
    assertThat(new ArtifactPath(path).isOwned()).isEqualTo(owned);
  }

  @ParameterizedTest
  @CsvSource({
    "a/b.json, text/plain",
    "MLmodel, text/plain",
    "a.PNG, image/png",
    "a.svg, image/svg+xml",
    ".png, application/octet-stream",
    "model.pkl, application/octet-stream"
  })
  void tells_its_type_by_its_name(String path, String type) {
    assertThat(new ArtifactPath(path).contentType()).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "a/b c.txt, 'attachment; filename=\"b c.txt\"'",
    "'a/\"b', 'attachment; filename=\"\\\"b\"'",
    "ä b.txt, attachment; filename*=UTF-8''%C3%A4%20b.txt"
  })
  void is_saved_by_its_name(String path, String header) {
    assertThat(new ArtifactPath(path).disposition()).isEqualTo(header);
  }
}
