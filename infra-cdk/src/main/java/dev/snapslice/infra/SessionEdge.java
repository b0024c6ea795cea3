package dev.snapslice.infra;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import software.amazon.awscdk.services.cloudfront.Function;
import software.amazon.awscdk.services.cloudfront.FunctionAssociation;
import software.amazon.awscdk.services.cloudfront.FunctionCode;
import software.amazon.awscdk.services.cloudfront.FunctionEventType;
import software.amazon.awscdk.services.cloudfront.FunctionRuntime;
import software.constructs.Construct;

/** What CloudFront does with the cookie of a browser's session, before anybody else is asked. */
final class SessionEdge extends Construct {
  private final List<FunctionAssociation> page;
  private final List<FunctionAssociation> session;

  SessionEdge(Construct scope, String id) {
    super(scope, id);
    page = function("page", "sends who is not signed in to sign in");
    session = function("session", "makes a header of a browser's cookie");
  }

  private List<FunctionAssociation> function(String name, String what) {
    return List.of(
        FunctionAssociation.builder()
            .eventType(FunctionEventType.VIEWER_REQUEST)
            .function(
                Function.Builder.create(this, name)
                    .comment("Snapslice: " + what)
                    .runtime(FunctionRuntime.JS_2_0)
                    .code(FunctionCode.fromInline(code(name)))
                    .build())
            .build());
  }

  private static String code(String name) {
    try (InputStream text = SessionEdge.class.getResourceAsStream("/edge/" + name + ".js")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For the UI's page. */
  List<FunctionAssociation> page() {
    return page;
  }

  /** For all whose answer depends on who asks. */
  List<FunctionAssociation> session() {
    return session;
  }
}
