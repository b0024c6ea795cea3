package dev.snapslice.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.aws_apigatewayv2_integrations.HttpLambdaIntegration;
import software.amazon.awscdk.services.apigatewayv2.HttpApi;
import software.amazon.awscdk.services.apigatewayv2.HttpMethod;
import software.amazon.awscdk.services.apigatewayv2.HttpNoneAuthorizer;
import software.amazon.awscdk.services.apigatewayv2.HttpRoute;
import software.amazon.awscdk.services.apigatewayv2.HttpRouteKey;
import software.amazon.awscdk.services.cognito.CfnUserPoolClient;
import software.amazon.awscdk.services.cognito.ClientAttributes;
import software.amazon.awscdk.services.cognito.OAuthFlows;
import software.amazon.awscdk.services.cognito.OAuthScope;
import software.amazon.awscdk.services.cognito.OAuthSettings;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.constructs.Construct;

/**
 * How people get a session: the function below {@code /auth}, and what the user pool knows of it.
 * CloudFront's name is known to both, and CloudFront knows the API alone: nothing goes round.
 */
final class SignIn extends Construct {
  /** All that API Gateway lets everybody ask for here. */
  static final List<String> ROUTES =
      List.of(
          "GET /auth/login",
          "GET /auth/callback",
          "GET /auth/logout",
          "POST /auth/logout",
          "GET /auth/signed-out",
          "GET /auth/credentials",
          "POST /auth/credentials");

  private final LiveFunction function;

  SignIn(
      Construct scope,
      String id,
      String address,
      Settings settings,
      PeopleSettings people,
      DataStack data,
      HttpApi api) {
    super(scope, id);
    Map<String, String> variables = new HashMap<>(provider(address, people, data.people()));
    variables.put("SNAPSLICE_UI_URL", address);
    variables.put("SNAPSLICE_CATALOG_TABLE", data.catalog().getTableName());
    variables.put("SNAPSLICE_KEY_ID", data.secretsKey().getKeyId());
    variables.put("SNAPSLICE_SIGN_IN_NAME_CLAIM", people.nameClaim());
    variables.put("SNAPSLICE_SIGN_IN_GROUPS_CLAIMS", String.join(",", people.groupsClaims()));
    variables.put("SNAPSLICE_SIGN_IN_READERS", String.join(",", people.readers()));
    variables.put("SNAPSLICE_SIGN_IN_WRITERS", String.join(",", people.writers()));
    variables.put("SNAPSLICE_SIGN_IN_ADMINS", String.join(",", people.admins()));
    variables.put("SNAPSLICE_SESSION_HOURS", Integer.toString(people.hours()));
    variables.put("SNAPSLICE_SIGN_IN_CREDENTIALS", Boolean.toString(people.credentials()));
    function =
        new LiveFunction(
            this,
            "SignIn",
            new LiveFunction.Spec(
                "sign-in",
                settings.jar("signin"),
                "dev.snapslice.signin.SignInHandler",
                Duration.seconds(29),
                1769,
                Optional.empty()),
            variables);
    data.grantSessions(function.function().getRole());
    if (people.credentials()) {
      data.grantIssuing(function.function().getRole());
    }
    data.secretsKey().grant(function.function(), "kms:GenerateMac");
    lead(api);
  }

  private Map<String, String> provider(
      String address, PeopleSettings people, Optional<People> pool) {
    return people
        .provider()
        .map(own -> provider(own.issuer(), own.client()))
        .orElseGet(() ->
            provider(
                "https://cognito-idp.%s.amazonaws.com/%s"
                    .formatted(Aws.REGION, pool.orElseThrow().pool().getUserPoolId()),
                client(address, people, pool.orElseThrow()).getUserPoolClientId()));
  }

  private static Map<String, String> provider(String issuer, String client) {
    return Map.of("SNAPSLICE_SIGN_IN_ISSUER", issuer, "SNAPSLICE_SIGN_IN_CLIENT", client);
  }

  /** Public: a verifier for each attempt (PKCE) proves who fetches the token, and no secret. */
  private UserPoolClient client(String address, PeopleSettings people, People pool) {
    ClientAttributes groups =
        people.company().flatMap(PeopleSettings.Company::groups).isPresent()
            ? new ClientAttributes().withCustomAttributes(PeopleSettings.GROUPS_ATTRIBUTE)
            : null;
    UserPoolClient client =
        UserPoolClient.Builder.create(this, "Client")
            .userPool(pool.pool())
            .generateSecret(false)
            .oAuth(
                OAuthSettings.builder()
                    .flows(OAuthFlows.builder().authorizationCodeGrant(true).build())
                    .scopes(List.of(OAuthScope.OPENID))
                    .callbackUrls(List.of(address + "/auth/callback"))
                    .logoutUrls(List.of(address + "/auth/signed-out"))
                    .build())
            .supportedIdentityProviders(People.providers(people.company()))
            .readAttributes(groups)
            .writeAttributes(groups)
            .preventUserExistenceErrors(true)
            .enableTokenRevocation(true)
            .idTokenValidity(Duration.minutes(5))
            .accessTokenValidity(Duration.minutes(5))
            .refreshTokenValidity(Duration.hours(1))
            .build();
    // With none named Cognito would let a password be shown to its API, whose tokens may change
    // attributes of their own user: the groups among them.
    ((CfnUserPoolClient) client.getNode().getDefaultChild())
        .setExplicitAuthFlows(List.of("ALLOW_REFRESH_TOKEN_AUTH"));
    return client;
  }

  private void lead(HttpApi api) {
    var integration =
        HttpLambdaIntegration.Builder.create("Handler", function.live())
            .scopePermissionToRoute(false)
            .build();
    for (String route : ROUTES) {
      String[] parts = route.split(" ", 2);
      HttpRoute made =
          HttpRoute.Builder.create(this, route.replaceAll("[ /]+", "-"))
              .httpApi(api)
              .routeKey(HttpRouteKey.with(parts[1], HttpMethod.valueOf(parts[0])))
              .integration(integration)
              .authorizer(new HttpNoneAuthorizer())
              .build();
      Reasons.accept(
          made, "AwsSolutions-APIG4", "Who signs in has nothing to show yet; it tells nothing.");
    }
  }

  LiveFunction function() {
    return function;
  }
}
