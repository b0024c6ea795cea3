package dev.snapslice.infra;

import dev.snapslice.infra.ApiRoutes.ApiRoute;
import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.aws_apigatewayv2_integrations.HttpLambdaIntegration;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;
import software.amazon.awscdk.services.apigatewayv2.AddRoutesOptions;
import software.amazon.awscdk.services.apigatewayv2.HttpApi;
import software.amazon.awscdk.services.apigatewayv2.HttpNoneAuthorizer;
import software.amazon.awscdk.services.apigatewayv2.HttpRoute;
import software.amazon.awscdk.services.apigatewayv2.HttpStage;
import software.amazon.awscdk.services.apigatewayv2.IAccessLogDestination;
import software.amazon.awscdk.services.apigatewayv2.IAccessLogSettings;
import software.amazon.awscdk.services.apigatewayv2.IHttpRouteAuthorizer;
import software.amazon.awscdk.services.apigatewayv2.LogGroupLogDestination;
import software.amazon.awscdk.services.apigatewayv2.ThrottleSettings;
import software.amazon.awscdk.services.lambda.IFunction;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/**
 * An HTTP API with one way to say who is calling: every route of the contract, throttled, logged.
 */
final class RestApi extends Construct {
  /** Requests per second, over all callers; bursts are twice that. */
  private static final int RATE = 1000;

  /** Nothing that is secret or an object's key: tokens and queries stay out. */
  private static final String LOG_FORMAT =
      """
      {"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp",\
      "route":"$context.routeKey","status":"$context.status","bytes":"$context.responseLength",\
      "ms":"$context.responseLatency","principal":"$context.authorizer.principal",\
      "user":"$context.identity.user","error":"$context.error.message",\
      "integrationError":"$context.integrationErrorMessage"}\
      """;

  private final HttpApi api;
  private final HttpStage stage;

  RestApi(
      Construct scope,
      String id,
      String name,
      IFunction handler,
      IHttpRouteAuthorizer authorizer,
      List<ApiRoute> routes) {
    super(scope, id);
    api = HttpApi.Builder.create(this, "Api").apiName(name).createDefaultStage(false).build();
    var integration =
        HttpLambdaIntegration.Builder.create("Handler", handler)
            .scopePermissionToRoute(false)
            .build();
    for (ApiRoute route : routes) {
      List<HttpRoute> added =
          api.addRoutes(
              AddRoutesOptions.builder()
                  .path(route.path())
                  .methods(List.of(route.method()))
                  .integration(integration)
                  .authorizer(route.open() ? new HttpNoneAuthorizer() : authorizer)
                  .build());
      if (route.open()) {
        added.forEach(deployed -> Reasons.accept(deployed, "AwsSolutions-APIG4", route.reason()));
      }
    }
    LogGroup log =
        LogGroup.Builder.create(this, "AccessLog")
            .retention(RetentionDays.THREE_MONTHS)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    stage =
        HttpStage.Builder.create(this, "Stage")
            .httpApi(api)
            .stageName("$default")
            .autoDeploy(true)
            .throttle(ThrottleSettings.builder().rateLimit(RATE).burstLimit(2 * RATE).build())
            .detailedMetricsEnabled(true)
            .accessLogSettings(logTo(log))
            .build();
  }

  private static IAccessLogSettings logTo(LogGroup log) {
    return new IAccessLogSettings() {
      @Override
      public IAccessLogDestination getDestination() {
        return new LogGroupLogDestination(log);
      }

      @Override
      public AccessLogFormat getFormat() {
        return AccessLogFormat.custom(LOG_FORMAT);
      }
    };
  }

  HttpApi api() {
    return api;
  }

  String url() {
    return stage.getUrl();
  }
}
