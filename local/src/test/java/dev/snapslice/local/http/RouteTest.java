package dev.snapslice.local.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static final List<Route> ROUTES =
      List.of(
          route("ANY /v1/{proxy+}"),
          route("GET /v1/buckets/{bucket}"),
          route("GET /v1/buckets/special"),
          route("GET /v1/buckets/{bucket}/labels/{label}"));

  @Test
  void the_most_specific_path_wins() {
    assertEquals("GET /v1/buckets/special", chosen("GET", "/v1/buckets/special"));
    assertEquals("GET /v1/buckets/{bucket}", chosen("GET", "/v1/buckets/other"));
    assertEquals("ANY /v1/{proxy+}", chosen("PUT", "/v1/buckets/other"));
  }

  @Test
  void parameters_are_decoded_and_a_plus_stays_a_plus() {
    var match = Route.choose(ROUTES, "GET", "/v1/buckets/a%20b/labels/x+y%2Fz").orElseThrow();

    assertEquals(Map.of("bucket", "a b", "label", "x+y/z"), match.parameters());
  }

  @Test
  void what_no_route_names_is_not_found() {
    assertTrue(Route.choose(ROUTES, "GET", "/v2").isEmpty());
  }

  private static String chosen(String method, String path) {
    return Route.choose(ROUTES, method, path).orElseThrow().route().key();
  }

  private static Route route(String key) {
    return new Route(key, "function", "NONE", null);
  }
}
