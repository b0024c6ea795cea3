package dev.snapslice.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Credentials.Token;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.testing.LocalDynamo;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.GenerateMacRequest;
import software.amazon.awssdk.services.kms.model.GenerateMacResponse;

/** Signing in, and all the ways in which nobody does. */
class SignInTest {
  private static final String ADDRESS = "https://mlflow.example.com";

  private TestProvider provider;
  private Credentials credentials;
  private SignIn signIn;
  private Browser browser;
  private Instant now = Instant.now();

  @BeforeEach
  void install() throws IOException {
    provider = new TestProvider();
    credentials =
        new Credentials(
            LocalDynamo.client(),
            LocalDynamo.newCatalogTable(),
            new Secrets(Macs::new, "key"),
            () -> now);
    signIn = signIn(provider.issuer(), true);
    browser = new Browser(signIn);
  }

  private SignIn signIn(String issuer, boolean givesCredentials) {
    return new SignIn(
        new SignInSettings(
            "catalog",
            "key",
            URI.create(ADDRESS),
            URI.create(issuer),
            TestProvider.CLIENT,
            "cognito:username",
            new RoleGroups(
                List.of("cognito:groups", "custom:groups"),
                List.of("snapslice-reader"),
                List.of("snapslice-writer", "Team ML"),
                List.of("snapslice-admin")),
            Duration.ofHours(12),
            givesCredentials),
        credentials,
        () -> now);
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  private Optional<Credential> known(String cookie) {
    return Token.inCookie(cookie).flatMap(credentials::authenticate);
  }

  private Answer signedIn() {
    URI asked = browser.begin();
    return browser.back(asked, provider.code(asked));
  }

  @Test
  void who_signs_in_gets_a_session_with_the_role_of_their_group() {
    Answer answer = signedIn();

    Credential session = known(browser.session()).orElseThrow();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(session.principal()).isEqualTo("ann");
    assertThat(session.grant().role()).isEqualTo(Role.WRITER);
    assertThat(session.grant().opensMlflow()).isTrue();
    assertThat(session.grant().expires()).contains(now.plus(Duration.ofHours(12)));
  }

  @Test
  void cookies_are_for_this_host_and_tls_alone_and_no_script_reads_them() {
    Answer begun = browser.get("/auth/login", Map.of("return", "/"));
    Answer done = signedIn();

    assertThat(begun.cookies().getFirst())
        .startsWith("__Host-snapslice-sign-in=")
        .endsWith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure");
    assertThat(done.cookies().getFirst())
        .startsWith("__Host-snapslice-session=sns_")
        .endsWith("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure");
    assertThat(browser.names()).isEqualTo("__Host-snapslice-session");
    assertThat(done.headers()).containsEntry("cache-control", "no-store");
  }

  @Test
  void the_provider_is_asked_with_a_challenge_and_never_told_a_secret_in_an_address() {
    Map<String, String> asked = TestProvider.fields(browser.begin().getRawQuery());

    assertThat(asked)
        .containsEntry("response_type", "code")
        .containsEntry("scope", "openid")
        .containsEntry("code_challenge_method", "S256")
        .containsEntry("redirect_uri", ADDRESS + "/auth/callback")
        .containsOnlyKeys(
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method");
  }

  @Test
  void another_browsers_answer_begins_nothing() {
    URI theirs = new Browser(signIn).begin();
    browser.begin();

    assertRefused(() -> browser.back(theirs, provider.code(theirs)), 400);
    assertRefused(() -> new Browser(signIn).back(theirs, provider.code(theirs)), 400);
  }

  @Test
  void a_code_that_somebody_else_asked_for_is_worth_nothing() {
    URI theirs = new Browser(signIn).begin();
    URI ours = browser.begin();

    assertRefused(() -> browser.back(ours, provider.code(theirs)), 400);
  }

  @Test
  void a_code_works_once() {
    URI asked = browser.begin();
    String code = provider.code(asked);
    browser.back(asked, code);

    assertRefused(() -> browser.back(asked, code), 400);
    Browser again = new Browser(signIn);
    URI other = again.begin();
    assertRefused(() -> again.back(other, code), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "....",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b.c.d",
      })
  void a_cookie_that_is_no_attempt_begins_nothing(String cookie) {
    assertThat(Attempt.parse(cookie)).isEmpty();
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        lie("another nonce", claims -> claims.claim("nonce", "n")),
        lie("no nonce", claims -> claims.claim("nonce", null)),
        lie("another issuer", claims -> claims.issuer("https://evil.example.com")),
        lie("another audience", claims -> claims.audience("another-client")),
        lie("no audience", claims -> claims.audience((String) null)),
        lie(
            "several audiences and no party",
            claims -> claims.audience(List.of(TestProvider.CLIENT, "another-client"))),
        lie("another party", claims -> claims.claim("azp", "another-client")),
        lie("an access token", claims -> claims.claim("token_use", "access")),
        lie("no subject", claims -> claims.subject(null)),
        lie("no end", claims -> claims.expirationTime(null)),
        lie(
            "long past",
            claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(90)))),
        lie("not yet", claims -> claims.notBeforeTime(Date.from(Instant.now().plusSeconds(90)))));
  }

  private static Arguments lie(String what, UnaryOperator<JWTClaimsSet.Builder> about) {
    return Arguments.of(what, about);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void a_token_that_is_not_about_this_is_not_believed(
      String what, UnaryOperator<JWTClaimsSet.Builder> lie) {
    provider.lying(lie);

    assertRefused(this::signedIn, 400);
  }

  @Test
  void a_token_that_the_provider_did_not_sign_is_not_believed() {
    var another = TestProvider.newKey();

    provider.signing(TestProvider::unsigned);
    assertRefused(this::signedIn, 400);
    provider.signing(claims -> TestProvider.signed(claims, another));
    assertRefused(this::signedIn, 400);
    provider.signing(TestProvider::signedWithThePublicKey);
    assertRefused(this::signedIn, 400);
    provider.signing(claims -> "no token");
    assertRefused(this::signedIn, 400);
  }

  @Test
  void who_is_in_no_group_or_has_no_name_gets_no_session() {
    provider.lying(claims -> claims.claim("cognito:groups", List.of("others")));
    assertRefused(this::signedIn, 403);
    provider.lying(claims -> claims.claim("cognito:groups", null));
    assertRefused(this::signedIn, 403);
    provider.lying(claims -> claims.claim("cognito:username", null));
    assertRefused(this::signedIn, 403);
    provider.lying(claims -> claims.claim("cognito:username", "ä\n"));
    assertRefused(this::signedIn, 403);
  }

  @Test
  void the_highest_of_all_groups_counts_also_as_cognito_writes_those_of_others() {
    provider.lying(claims ->
        claims.claim("cognito:groups", null).claim("custom:groups", "[Everybody, Team ML]"));
    signedIn();
    assertThat(known(browser.session()).orElseThrow().grant().role()).isEqualTo(Role.WRITER);

    provider.lying(
        claims -> claims.claim("cognito:groups", List.of("snapslice-reader", "snapslice-admin")));
    signedIn();
    assertThat(known(browser.session()).orElseThrow().grant().role()).isEqualTo(Role.ADMIN);
  }

  @Test
  void who_was_not_let_in_or_comes_from_another_provider_is_told_so() {
    URI asked = browser.begin();
    String state = TestProvider.fields(asked.getRawQuery()).get("state");

    assertRefused(
        () -> browser.get("/auth/callback", Map.of("state", state, "error", "access_denied")), 403);
    assertRefused(
        () ->
            browser.get(
                "/auth/callback",
                Map.of("state", state, "code", provider.code(asked), "iss", "https://evil")),
        400);
  }

  @Test
  void a_document_of_another_issuer_is_not_believed() {
    SignIn elsewhere = signIn(provider.issuer().replace("localhost", "127.0.0.1"), true);

    assertRefused(() -> new Browser(elsewhere).begin(), 503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example.com/",
        "//evil.example.com/",
        "/\\evil.example.com",
        "/../evil",
        "/#\"><script>alert(1)</script>",
        "/#/a\nb",
        "javascript:alert(1)",
        "/auth/logout",
        ""
      })
  void a_browser_returns_to_the_page_and_nowhere_else(String asked) {
    URI provided =
        URI.create(browser.get("/auth/login", Map.of("return", asked)).headers().get("location"));

    Answer answer = browser.back(provided, provider.code(provided));

    assertThat(answer.body()).contains("content=\"0;url=/\"").doesNotContain("evil", "alert");
  }

  @Test
  void a_browser_returns_to_the_place_within_the_page() {
    URI asked =
        URI.create(
            browser
                .get("/auth/login", Map.of("return", "/#/experiments/1/runs?a=b&c=[%22d%22]"))
                .headers()
                .get("location"));

    assertThat(browser.back(asked, provider.code(asked)).body())
        .contains("0;url=/#/experiments/1/runs?a=b&amp;c=[%22d%22]\"");
  }

  @Test
  void who_signs_out_ends_the_session_wherever_its_cookie_is() {
    signedIn();
    String session = browser.session();

    Answer answer =
        browser.ask("POST", "/auth/logout", Map.of(), Map.of("sec-fetch-site", "same-origin"));

    assertThat(known(session)).isEmpty();
    assertThat(browser.session()).isEmpty();
    assertThat(answer.headers().get("location"))
        .startsWith(provider.issuer() + "/logout?client_id=" + TestProvider.CLIENT)
        .endsWith("logout_uri=https%3A%2F%2Fmlflow.example.com%2Fauth%2Fsigned-out");
  }

  @Test
  void no_other_site_signs_anybody_out() {
    signedIn();

    for (String site : List.of("cross-site", "same-site", "none")) {
      assertRefused(
          () -> browser.ask("POST", "/auth/logout", Map.of(), Map.of("sec-fetch-site", site)), 403);
    }
    assertRefused(() -> browser.ask("POST", "/auth/logout", Map.of(), Map.of()), 403);
    browser.get("/auth/logout", Map.of());
    assertThat(known(browser.session())).isPresent();
  }

  @Test
  void who_signed_in_makes_a_token_and_an_access_key_that_end_with_the_session() {
    signedIn();

    String page = makeCredentials("same-origin").body();

    Token token = Token.of(found(page, "MLFLOW_TRACKING_TOKEN=(.+?)</pre>")).orElseThrow();
    String accessKey = found(page, "aws_access_key_id = (.+)");
    String secret = found(page, "aws_secret_access_key = (.+?)</pre>");
    Credential made = credentials.authenticate(token).orElseThrow();
    assertThat(made.principal()).isEqualTo("ann");
    assertThat(made.grant()).isEqualTo(known(browser.session()).orElseThrow().grant());
    assertThat(credentials.valid(Kind.ACCESS_KEY, accessKey).orElseThrow().secret())
        .isEqualTo(secret);
    assertThat(page).contains("MLFLOW_TRACKING_URI=" + ADDRESS + "\n");

    browser.ask("POST", "/auth/logout", Map.of(), Map.of("sec-fetch-site", "same-origin"));

    assertThat(credentials.authenticate(token)).isEmpty();
    assertThat(credentials.valid(Kind.ACCESS_KEY, accessKey)).isEmpty();
  }

  @Test
  void what_was_made_in_a_session_makes_no_others() {
    signedIn();
    String page = makeCredentials("same-origin").body();
    Token token = Token.of(found(page, "MLFLOW_TRACKING_TOKEN=(.+?)</pre>")).orElseThrow();
    Grant grant = credentials.authenticate(token).orElseThrow().grant();
    Caller caller = new Caller("ann", grant, Optional.of(token.id()));

    assertThatThrownBy(() -> credentials.issue(Kind.TOKEN, "ann", grant, caller))
        .isInstanceOf(ForbiddenException.class);
  }

  @Test
  void credentials_are_made_for_nobody_else_by_no_other_site_and_only_where_that_was_chosen() {
    assertRefused(() -> makeCredentials("same-origin"), 403);
    signedIn();
    assertRefused(() -> makeCredentials("cross-site"), 403);
    assertThat(browser.get("/auth/credentials", Map.of()).body())
        .contains("<form method=\"post\"")
        .doesNotContain("snt_");
    assertThat(credentials.list(Kind.TOKEN, "", 1).credentials()).isEmpty();

    browser = new Browser(signIn(provider.issuer(), false));
    signedIn();

    assertRefused(() -> browser.get("/auth/credentials", Map.of()), 403);
    assertRefused(() -> makeCredentials("same-origin"), 403);
    assertThat(credentials.list(Kind.TOKEN, "", 1).credentials()).isEmpty();
  }

  private Answer makeCredentials(String site) {
    return browser.ask("POST", "/auth/credentials", Map.of(), Map.of("sec-fetch-site", site));
  }

  private static String found(String page, String pattern) {
    return Pattern.compile(pattern)
        .matcher(page)
        .results()
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_session_ends_by_itself_and_is_no_api_token() {
    signedIn();
    String session = browser.session();

    assertThat(Token.of(session)).isEmpty();
    assertThat(known(session.replace("sns_", "snt_"))).isEmpty();
    assertThat(known(session.substring(0, session.length() - 1) + "!")).isEmpty();
    now = now.plus(Duration.ofHours(12));
    assertThat(known(session)).isEmpty();
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, int status) {
    assertThatThrownBy(call)
        .isInstanceOf(RefusedException.class)
        .extracting(thrown -> ((RefusedException) thrown).status())
        .isEqualTo(status);
  }

  /** KMS's part in deriving secrets. */
  private static final class Macs implements KmsClient {
    @Override
    public GenerateMacResponse generateMac(GenerateMacRequest request) {
      return GenerateMacResponse.builder()
          .mac(
              SdkBytes.fromUtf8String(
                  UUID.nameUUIDFromBytes(request.message().asByteArray())
                      .toString()
                      .replace("-", "")))
          .build();
    }

    @Override
    public String serviceName() {
      return "kms";
    }

    @Override
    public void close() {}
  }
}
