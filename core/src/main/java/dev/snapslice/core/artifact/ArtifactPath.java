package dev.snapslice.core.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where an artifact or a folder of them is, seen from the root of all artifacts: names with slashes
 * between, empty for the root itself.
 *
 * <p>What would lead elsewhere cannot be constructed, however often it was encoded.
 *
 * @see <a
 *     href="https://github.com/mlflow/mlflow/blob/v3.17.2/mlflow/utils/uri.py">validate_path_is_safe</a>
 */
public record ArtifactPath(String text) {
  private static final int MOST_ENCODINGS = 10;
  private static final Pattern ELSEWHERE =
      Pattern.compile(
          "/.*|[A-Za-z]:/.*|(?i:file:).*|.*[#\\\\].*|(.*/)?\\.\\.(/.*)?", Pattern.DOTALL);

  /** Runs, models and traces each keep theirs in a folder of this name, in the experiment's. */
  private static final String FOLDER = "artifacts";

  private static final int LEAST_ABOVE = 2;
  private static final Pattern EXPERIMENT = Pattern.compile("\\d{1,18}");
  private static final String BINARY = "application/octet-stream";
  private static final Map<String, String> TYPES = types();

  public ArtifactPath {
    if (ELSEWHERE.matcher(text).matches()) {
      throw new IllegalArgumentException("Invalid path");
    }
    text =
        Arrays.stream(text.split("/", -1))
            .filter(name -> !name.isEmpty() && !name.equals("."))
            .collect(Collectors.joining("/"));
  }

  /**
   * Reads what a client sent, and decodes what it encoded more than once, as MLflow does.
   *
   * @throws IllegalArgumentException if it leads elsewhere
   */
  public static ArtifactPath parse(String sent) {
    String path = sent;
    for (int i = 0; i < MOST_ENCODINGS; i++) {
      String decoded = decoded(path);
      if (decoded.equals(path)) {
        return new ArtifactPath(escaped(path));
      }
      path = decoded;
    }
    throw new IllegalArgumentException("Invalid path");
  }

  /** Percent signs that encode nothing stay. */
  private static String decoded(String text) {
    var bytes = new ByteArrayOutputStream(text.length());
    byte[] sent = text.getBytes(UTF_8);
    for (int i = 0; i < sent.length; i++) {
      int high = i + 2 < sent.length ? Character.digit(sent[i + 1], 16) : -1;
      int low = i + 2 < sent.length ? Character.digit(sent[i + 2], 16) : -1;
      boolean encoded = sent[i] == '%' && high >= 0 && low >= 0;
      bytes.write(encoded ? high * 16 + low : sent[i]);
      i += encoded ? 2 : 0;
    }
    return bytes.toString(UTF_8);
  }

  private static String escaped(String text) {
    return text.chars()
        .mapToObj(c -> c < ' ' || c == 0x7f ? "%%%02x".formatted(c) : String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  /** What lies below this one. */
  public ArtifactPath child(ArtifactPath below) {
    return new ArtifactPath(isRoot() ? below.text : text + "/" + below.text);
  }

  public boolean isRoot() {
    return text.isEmpty();
  }

  /** The last name. */
  public String name() {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  /**
   * Whether it belongs to one run, model or trace: nothing else is written or deleted, so that
   * nobody deletes an experiment's by mistake.
   */
  public boolean isOwned() {
    return List.of(text.split("/", -1)).indexOf(FOLDER) >= LEAST_ABOVE;
  }

  /** The id of the experiment that it belongs to; empty if that keeps its artifacts elsewhere. */
  public Optional<String> experiment() {
    return Optional.of(text.split("/", 2)[0]).filter(name -> EXPERIMENT.matcher(name).matches());
  }

  /** The media type that its name tells; text for whatever a person reads. */
  public String contentType() {
    String name = name();
    int dot = name.lastIndexOf('.');
    return TYPES.getOrDefault(
        dot < 1 ? name : name.substring(dot + 1).toLowerCase(Locale.ROOT), BINARY);
  }

  /**
   * The header by which a browser saves it instead of showing it.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6266">RFC 6266</a>
   */
  public String disposition() {
    String name = name();
    if (US_ASCII.newEncoder().canEncode(name)) {
      return "attachment; filename=\"%s\"".formatted(name.replace("\"", "\\\""));
    }
    StringBuilder encoded = new StringBuilder("attachment; filename*=UTF-8''");
    for (byte b : name.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
      encoded.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return encoded.toString();
  }

  private static Map<String, String> types() {
    Map<String, String> types = new HashMap<>();
    String texts =
        "txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv"
            + " tsv md rst ipynb MLmodel MLproject";
    for (String extension : texts.split(" ", -1)) {
      types.put(extension, "text/plain");
    }
    types.put("html", "text/html");
    types.put("htm", "text/html");
    types.put("pdf", "application/pdf");
    types.put("zip", "application/zip");
    types.put("svg", "image/svg+xml");
    types.put("jpg", "image/jpeg");
    types.put("tif", "image/tiff");
    for (String extension : List.of("png", "jpeg", "gif", "bmp", "tiff", "webp")) {
      types.put(extension, "image/" + extension);
    }
    types.put("mp4", "video/mp4");
    types.put("webm", "video/webm");
    types.put("mp3", "audio/mpeg");
    types.put("wav", "audio/x-wav");
    return types;
  }
}
