package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.uri.UriText;
import dev.snapslice.core.version.ObjectKey;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What every list of a bucket takes.
 *
 * @param maxKeys as many as S3 sends at once, where more were asked for
 * @param encoding of keys in the answer: none, or percent-encoding where that was asked for
 */
record ListParameters(
    String prefix, String delimiter, int maxKeys, UnaryOperator<String> encoding) {

  static ListParameters of(S3Request request) {
    Optional<String> encoding = request.nonEmpty("encoding-type");
    if (encoding.filter(type -> !type.equals("url")).isPresent()) {
      throw S3Error.invalid(
          "Invalid Encoding Method specified in Request", "encoding-type", encoding.get());
    }
    String maxKeys = request.nonEmpty("max-keys").orElse("1000");
    if (!maxKeys.matches("[0-9]{1,10}") || Long.parseLong(maxKeys) > Integer.MAX_VALUE) {
      throw S3Error.invalid(
          "Argument max-keys must be an integer between 0 and " + Integer.MAX_VALUE,
          "max-keys",
          maxKeys);
    }
    return new ListParameters(
        bounded(request, "prefix"),
        request.query("delimiter").orElse(""),
        Math.min(Integer.parseInt(maxKeys), ListRequest.MAX_LIMIT),
        encoding.isPresent() ? UriText::encodeListed : UnaryOperator.identity());
  }

  /** An answer that repeats them. */
  Xml begin(String root, S3Request request) {
    Xml xml = Xml.document(root);
    xml.element("Name", request.address().written());
    xml.element("Prefix", encoding.apply(prefix));
    if (!delimiter.isEmpty()) {
      xml.element("Delimiter", encoding.apply(delimiter));
    }
    xml.element("MaxKeys", maxKeys);
    request.nonEmpty("encoding-type").ifPresent(type -> xml.element("EncodingType", type));
    return xml;
  }

  /** A parameter that is a key or the beginning of one. */
  static String bounded(S3Request request, String name) {
    String text = request.query(name).orElse("");
    if (text.getBytes(UTF_8).length > ObjectKey.MAX_BYTES) {
      throw new S3Error(400, "KeyTooLongError", "Your key is too long");
    }
    return text;
  }
}
