package dev.snapslice.mlflow.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A part of a list that is known as a whole; tokens count what came before, as MLflow's do. */
public record Page<T>(List<T> items, Optional<String> next) {
  private static final int MOST = 50_000;

  /**
   * The part that begins where a token says.
   *
   * @throws MlflowException if the token is none of ours
   */
  public static <T> Page<T> of(List<T> all, String token, int limit) {
    int from = (int) Math.min(offset(token), all.size());
    int to = Math.min(from + limit, all.size());
    return new Page<>(
        all.subList(from, to), to < all.size() ? Optional.of(token(to)) : Optional.empty());
  }

  private static String token(int offset) {
    return Base64.getEncoder().encodeToString("{\"offset\": %d}".formatted(offset).getBytes(UTF_8));
  }

  private static long offset(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    String text;
    try {
      text = new String(Base64.getMimeDecoder().decode(token), UTF_8);
    } catch (IllegalArgumentException e) {
      throw MlflowException.invalid("Invalid page token, could not base64-decode");
    }
    try {
      JsonNode offset = Json.MAPPER.readTree(text).path("offset");
      if (offset.asLong() > 0) {
        return offset.asLong();
      }
    } catch (JsonProcessingException e) {
      // It is none of ours.
    }
    throw MlflowException.invalid("Invalid page token, decoded value=" + text);
  }

  /**
   * How many of a list are asked for.
   *
   * @throws MlflowException if that is not from 1 to 50,000
   */
  public static int limit(long asked) {
    if (asked < 1) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'max_results' supplied. It must be a positive integer"
              .formatted(asked));
    }
    if (asked > MOST) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'max_results' supplied. It must be at most %d"
              .formatted(asked, MOST));
    }
    return (int) asked;
  }
}
