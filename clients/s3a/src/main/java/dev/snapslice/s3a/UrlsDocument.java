package dev.snapslice.s3a;

import dev.snapslice.s3a.SignedUrls.Answer;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Reads what the proxy answers to a question for URLs: see docs/clients.md for its form. */
final class UrlsDocument {
  private UrlsDocument() {}

  /** What it says, by key. */
  static Map<String, Answer> read(byte[] json) {
    JsonNode document = JsonNode.parser().parse(json);
    boolean moves = text(document, "view").equals("now");
    Map<String, Answer> answers = new HashMap<>();
    for (JsonNode object : field(document, "objects").asArray()) {
      answers.put(
          text(object, "key"),
          object
              .field("error")
              .<Answer>map(error -> new Answer.Refused(error(error)))
              .orElseGet(() -> new Answer.Signed(url(object, moves))));
    }
    return answers;
  }

  private static SignedUrl url(JsonNode object, boolean moves) {
    Map<String, String> headers = new HashMap<>();
    field(object, "headers").asObject().forEach((name, value) -> headers.put(name, value.text()));
    long seconds = moves ? 0 : Long.parseLong(text(object, "expiresInSeconds"));
    return new SignedUrl(
        URI.create(text(object, "url")), Map.copyOf(headers), Duration.ofSeconds(seconds));
  }

  /**
   * As S3's client would have thrown it. S3A makes a missing file of a missing key, without its
   * message; a version that was removed is none, so that its message is shown.
   */
  private static S3Exception error(JsonNode error) {
    String code = text(error, "code");
    AwsErrorDetails details =
        AwsErrorDetails.builder()
            .serviceName("Snapslice")
            .errorCode(code)
            .errorMessage(text(error, "message"))
            .build();
    S3Exception.Builder exception =
        code.equals("NoSuchKey") ? NoSuchKeyException.builder() : S3Exception.builder();
    int status = Integer.parseInt(text(error, "status"));
    return (S3Exception) exception.statusCode(status).awsErrorDetails(details).build();
  }

  private static String text(JsonNode node, String name) {
    return field(node, name).text();
  }

  private static JsonNode field(JsonNode node, String name) {
    return node.field(name)
        .orElseThrow(() -> new IllegalArgumentException("the proxy's answer has no " + name));
  }
}
