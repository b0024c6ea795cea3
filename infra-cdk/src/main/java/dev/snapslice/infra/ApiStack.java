package dev.snapslice.infra;

import dev.snapslice.infra.ApiRoutes.ApiRoute;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpIamAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpJwtAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpLambdaAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpLambdaResponseType;
import software.amazon.awscdk.services.apigatewayv2.IHttpRouteAuthorizer;

/**
 * The REST API with the same routes once for each way to say who is calling: a bearer token of
 * ours, a signature for IAM, and a JSON web token where an issuer is named.
 */
final class ApiStack extends Stack {
  /** A revoked token stops working within this time. */
  private static final Duration TOKEN_CACHE = Duration.seconds(30);

  private final Map<String, RestApi> apis = new LinkedHashMap<>();

  ApiStack(App app, StackProps properties, Settings settings, FunctionsStack functions) {
    super(app, "Api", properties);
    List<ApiRoute> routes = ApiRoutes.read(settings.openApi());
    Map<String, IHttpRouteAuthorizer> ways = waysIn(functions);
    settings
        .signIn()
        .ifPresent(signIn ->
            ways.put(
                "SignedIn",
                HttpJwtAuthorizer.Builder.create("Jwt", signIn.issuer())
                    .jwtAudience(List.of(signIn.audience()))
                    .build()));
    ways.forEach((id, way) ->
        apis.put(
            id,
            new RestApi(
                this,
                id,
                settings.name() + "-" + id.toLowerCase(Locale.ROOT),
                functions.apiHandler().live(),
                way,
                routes)));
    url("ApiUrl", "REST API for bearer tokens", "Tokens");
    url("IamApiUrl", "REST API for requests signed with SigV4", "Signed");
    if (settings.signIn().isPresent()) {
      url("JwtApiUrl", "REST API for who has signed in with the issuer", "SignedIn");
    }
  }

  /** Two ways to say who is calling: by a token of ours, and by a signature for IAM. */
  static Map<String, IHttpRouteAuthorizer> waysIn(FunctionsStack functions) {
    var bearer =
        HttpLambdaAuthorizer.Builder.create("Bearer", functions.authorizerHandler().live())
            .responseTypes(List.of(HttpLambdaResponseType.SIMPLE))
            .identitySource(List.of("$request.header.Authorization"))
            .resultsCacheTtl(TOKEN_CACHE)
            .build();
    Map<String, IHttpRouteAuthorizer> ways = new LinkedHashMap<>();
    ways.put("Tokens", bearer);
    ways.put("Signed", new HttpIamAuthorizer());
    return ways;
  }

  private void url(String output, String description, String api) {
    CfnOutput.Builder.create(this, output)
        .description(description)
        .value(apis.get(api).url())
        .build();
  }

  /** By what tells who is calling. */
  Map<String, RestApi> apis() {
    return apis;
  }
}
