package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.infra.Synthesized.Resource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Template;

class ApiStackTest {
  private static final Set<String> OPEN =
      Set.of("GET /health", "GET /version", "POST /v1/buckets/{bucket}/events");

  private static List<Resource> routes(String api) {
    String id = Synthesized.the("AWS::ApiGatewayV2::Api", api).id();
    return Synthesized.of("AWS::ApiGatewayV2::Route").stream()
        .filter(route -> route.at("/ApiId/Ref").asText().equals(id))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"Tokens, CUSTOM", "Signed, AWS_IAM"})
  void asks_who_is_calling_on_every_route_but_the_three_open_ones(String api, String way) {
    List<Resource> routes = routes(api);

    assertThat(routes)
        .allSatisfy(route ->
            assertThat(route.at("/AuthorizationType").asText())
                .as(route.at("/RouteKey").asText())
                .isEqualTo(OPEN.contains(route.at("/RouteKey").asText()) ? "NONE" : way));
    assertThat(routes).extracting(route -> route.at("/RouteKey").asText()).containsAll(OPEN);
  }

  @ParameterizedTest
  @CsvSource({"Tokens", "Signed"})
  void deploys_the_routes_of_the_contract_and_no_others(String api) {
    Set<String> contract =
        ApiRoutes.read(Path.of("../api-spec/openapi.yaml")).stream()
            .map(route -> route.method() + " " + route.path())
            .collect(Collectors.toSet());

    assertThat(routes(api))
        .extracting(route -> route.at("/RouteKey").asText())
        .containsExactlyInAnyOrderElementsOf(contract);
  }

  @Test
  void forgets_within_half_a_minute_what_a_token_may_do() {
    Resource authorizer = Synthesized.the("AWS::ApiGatewayV2::Authorizer", "Tokens");

    assertThat(authorizer.at("/AuthorizerType").asText()).isEqualTo("REQUEST");
    assertThat(authorizer.at("/AuthorizerResultTtlInSeconds").asInt()).isEqualTo(30);
    assertThat(authorizer.at("/EnableSimpleResponses").asBoolean()).isTrue();
    assertThat(Synthesized.texts(authorizer.at("/IdentitySource")))
        .containsExactly("$request.header.Authorization");
  }

  @Test
  void opens_a_third_api_for_tokens_of_a_named_issuer() {
    App app =
        Synthesized.app(Map.of("jwtIssuer", "https://id.example.com/pool", "jwtAudience", "app"));
    ApiStack api = SnapsliceApp.build(app, Settings.from(app.getNode())).api();
    List<Resource> resources = Synthesized.resources(Template.fromStack(api));

    assertThat(resources)
        .filteredOn(resource -> resource.type().equals("AWS::ApiGatewayV2::Api"))
        .hasSize(3);
    assertThat(resources)
        .filteredOn(resource -> resource.at("/AuthorizerType").asText().equals("JWT"))
        .singleElement()
        .satisfies(authorizer -> {
          assertThat(authorizer.at("/JwtConfiguration/Issuer").asText())
              .isEqualTo("https://id.example.com/pool");
          assertThat(authorizer.at("/JwtConfiguration/Audience/0").asText()).isEqualTo("app");
        });
    assertThat(resources)
        .filteredOn(resource -> resource.at("/AuthorizationType").asText().equals("JWT"))
        .hasSizeGreaterThan(30);
  }

  @Test
  void throttles_every_api() {
    assertThat(Synthesized.of("AWS::ApiGatewayV2::Stage"))
        .hasSize(4)
        .allSatisfy(stage -> {
          assertThat(stage.at("/DefaultRouteSettings/ThrottlingRateLimit").asInt()).isEqualTo(1000);
          assertThat(stage.at("/DefaultRouteSettings/ThrottlingBurstLimit").asInt())
              .isEqualTo(2000);
        });
  }

  @Test
  void logs_every_request_without_its_token_or_its_keys() {
    assertThat(Synthesized.of("AWS::ApiGatewayV2::Stage"))
        .allSatisfy(stage -> {
          assertThat(stage.at("/AccessLogSettings/DestinationArn").isMissingNode()).isFalse();
          assertThat(stage.at("/AccessLogSettings/Format").asText())
              .contains("$context.requestId", "$context.routeKey", "$context.status")
              .doesNotContainIgnoringCase("header")
              .doesNotContainIgnoringCase("querystring")
              .doesNotContain("$context.path");
        });
  }
}
