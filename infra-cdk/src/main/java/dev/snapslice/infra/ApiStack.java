package dev.snapslice.infra;

import dev.snapslice.infra.ApiRoutes.ApiRoute;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpIamAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpLambdaAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpLambdaResponseType;

/** The REST API twice, with the same routes: for callers with a bearer token, and for IAM's. */
final class ApiStack extends Stack {
  /** A revoked token stops working within this time. */
  private static final Duration TOKEN_CACHE = Duration.seconds(30);

  private final RestApi tokens;
  private final RestApi signed;

  ApiStack(App app, StackProps properties, Settings settings, FunctionsStack functions) {
    super(app, "Api", properties);
    List<ApiRoute> routes = ApiRoutes.read(settings.openApi());
    var bearer =
        HttpLambdaAuthorizer.Builder.create("Bearer", functions.authorizerHandler().live())
            .responseTypes(List.of(HttpLambdaResponseType.SIMPLE))
            .identitySource(List.of("$request.header.Authorization"))
            .resultsCacheTtl(TOKEN_CACHE)
            .build();
    tokens =
        new RestApi(
            this,
            "Tokens",
            settings.name() + "-tokens",
            functions.apiHandler().live(),
            bearer,
            routes);
    signed =
        new RestApi(
            this,
            "Signed",
            settings.name() + "-signed",
            functions.apiHandler().live(),
            new HttpIamAuthorizer(),
            routes);
    CfnOutput.Builder.create(this, "ApiUrl")
        .description("REST API for bearer tokens")
        .value(tokens.url())
        .build();
    CfnOutput.Builder.create(this, "IamApiUrl")
        .description("REST API for requests signed with SigV4")
        .value(signed.url())
        .build();
  }

  RestApi tokens() {
    return tokens;
  }

  RestApi signed() {
    return signed;
  }
}
