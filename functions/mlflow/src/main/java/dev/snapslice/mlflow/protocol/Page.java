package dev.snapslice.mlflow.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.GatewayEvent;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/** Parts of a list that is known as a whole; tokens count what came before, as MLflow's do. */
public final class Page {
  private static final int MOST = 50_000;

  private Page() {}

  /**
   * Answers the part that begins where a token says: as many entries as are asked for, or fewer
   * where all of them would be more than Lambda hands over. Clients follow the token.
   *
   * @param field of the answer that the entries go to
   * @param message of an entry
   * @throws MlflowException if the token is none of ours
   */
  public static <T> Reply reply(
      String field, List<T> all, String token, int limit, Function<T, ObjectNode> message) {
    int from = (int) Math.min(offset(token), all.size());
    int to = from;
    long size = 0;
    ObjectNode json = Json.MAPPER.createObjectNode();
    while (to < all.size() && to - from < limit) {
      String entry = Json.write(message.apply(all.get(to)));
      size += GatewayEvent.size(entry) + 1;
      if (size > GatewayEvent.LARGEST_ANSWER && to > from) {
        break;
      }
      json.withArray("/" + field).addRawValue(new RawValue(entry));
      to++;
    }
    if (to < all.size()) {
      json.put("next_page_token", token(to));
    }
    return Reply.json(json);
  }

  private static String token(int offset) {
    return Base64.getEncoder().encodeToString("{\"offset\": %d}".formatted(offset).getBytes(UTF_8));
  }

  /**
   * How many entries come before the part that a token stands for; at most as many as a list has.
   *
   * @throws MlflowException if the token is none of ours
   */
  public static long offset(String token) {
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
      long offset = Json.MAPPER.readTree(text).path("offset").asLong();
      if (offset > 0) {
        return Math.min(offset, Integer.MAX_VALUE);
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
    return limit(asked, MOST);
  }

  /**
   * The same, of a list of which others may be asked for.
   *
   * @throws MlflowException if that is not from 1 to the most
   */
  public static int limit(long asked, int most) {
    if (asked < 1) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'max_results' supplied. It must be a positive integer"
              .formatted(asked));
    }
    if (asked > most) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'max_results' supplied. It must be at most %d"
              .formatted(asked, most));
    }
    return (int) asked;
  }
}
