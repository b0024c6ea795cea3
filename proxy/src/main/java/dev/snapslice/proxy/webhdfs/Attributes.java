package dev.snapslice.proxy.webhdfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.RawRequest.Parameter;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Extended attributes in HDFS's JSON.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html#XAttrs_JSON_Schema">XAttrs
 *     JSON Schema</a>
 */
final class Attributes {
  private Attributes() {}

  /** Those that were asked for, or all. */
  static ObjectNode values(RawRequest request, Map<String, String> attributes) {
    List<String> asked =
        request.parameters().stream()
            .filter(parameter -> parameter.name().equals("xattr.name"))
            .map(Parameter::value)
            .toList();
    Collection<String> names = asked.isEmpty() ? attributes.keySet() : asked;
    String encoding = request.parameter("encoding").orElse("hex").toLowerCase(Locale.ROOT);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode list = body.putArray("XAttrs");
    for (String name : names) {
      if (!attributes.containsKey(name)) {
        throw RemoteException.io("At least one of the attributes provided was not found.");
      }
      list.addObject().put("name", name).put("value", encoded(attributes.get(name), encoding));
    }
    return body;
  }

  private static String encoded(String value, String encoding) {
    byte[] bytes = value.getBytes(UTF_8);
    return switch (encoding) {
      case "text" -> '"' + value + '"';
      case "hex" -> "0x" + HexFormat.of().formatHex(bytes);
      case "base64" -> "0s" + Base64.getEncoder().encodeToString(bytes);
      default ->
          throw RemoteException.invalid(
              "Invalid value for webhdfs parameter \"encoding\": want text, hex or base64");
    };
  }

  /** Their names, as JSON within JSON. */
  static ObjectNode names(Map<String, String> attributes) {
    return Json.MAPPER
        .createObjectNode()
        .put("XAttrNames", Json.write(List.copyOf(attributes.keySet())));
  }
}
