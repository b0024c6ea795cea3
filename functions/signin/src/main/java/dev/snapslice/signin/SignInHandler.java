package dev.snapslice.signin;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.GatewayEvent;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;

/** Lambda's entry to signing in: refusals are pages, and never fail the invocation. */
public final class SignInHandler implements RequestStreamHandler {
  private static final Logger log = LoggerFactory.getLogger(SignInHandler.class);

  private final SignIn signIn;

  /** As Lambda starts it. */
  public SignInHandler() {
    this(SignInSettings.from(System.getenv()), new AwsClients());
  }

  private SignInHandler(SignInSettings settings, AwsClients aws) {
    var credentials =
        new Credentials(
            aws.client(DynamoDbClient::builder).get(),
            settings.catalogTable(),
            new Secrets(aws.client(KmsClient::builder), settings.keyId()),
            InstantSource.system());
    this.signIn = new SignIn(settings, credentials, InstantSource.system());
    Priming.register(() -> credentials.get(Kind.SESSION, "priming"), () -> {});
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Answer answer =
        Invocation.<Answer, IOException>run(
            "sign-in", context, invocation -> handle(GatewayEvent.read(input), invocation));
    Json.MAPPER.writeValue(output, answer.forGateway());
  }

  private Answer handle(GatewayEvent event, Invocation invocation) {
    Answer answer = answered(event);
    invocation.note("route", event.routeKey()).note("status", answer.status());
    invocation.count("Requests", 1);
    return answer;
  }

  private Answer answered(GatewayEvent event) {
    try {
      return signIn.answer(event);
    } catch (RefusedException e) {
      log.info("refused: {}", e.getMessage(), e.getCause());
      return Answer.page(e.status(), Pages.refused(e.getMessage()));
    } catch (SdkException e) {
      log.warn("AWS failed", e);
      return Answer.page(503, Pages.refused(RefusedException.unavailable(e).getMessage()));
    }
  }
}
