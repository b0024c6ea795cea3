package dev.snapslice.infra;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.assertions.Template;

/**
 * The app as {@code cdk synth} makes it of {@code cdk.json}, once for all tests, as that takes some
 * seconds. Templates are looked at as JSON: each call into the CDK goes through a process of Node.
 */
final class Synthesized {
  private static final ObjectMapper json = new ObjectMapper();
  private static final Map<String, Stack> stacks = new LinkedHashMap<>();
  private static final Map<String, Template> templates = new LinkedHashMap<>();
  private static final Map<String, List<Resource>> resources = new LinkedHashMap<>();

  /** A resource of a template; references in its properties are left as CloudFormation has them. */
  record Resource(String id, String type, JsonNode properties, JsonNode whole) {
    JsonNode at(String pointer) {
      return properties.at(pointer);
    }
  }

  static {
    App app = app(Map.of());
    SnapsliceApp.Stacks made = SnapsliceApp.build(app, Settings.from(app.getNode()));
    for (Stack stack :
        List.of(
            made.data(),
            made.functions(),
            made.api(),
            made.mlflow(),
            made.proxy().orElseThrow(),
            made.ui(),
            made.monitoring())) {
      String name = stack.getNode().getId();
      stacks.put(name, stack);
      templates.put(name, Template.fromStack(stack));
      resources.put(name, resources(templates.get(name)));
    }
  }

  private Synthesized() {}

  /**
   * An app with the context of {@code cdk.json}, and choices as {@code cdk deploy -c} makes them.
   */
  static App app(Map<String, Object> choices) {
    var context = new HashMap<String, Object>();
    try {
      JsonNode file = json.readTree(Path.of("cdk.json").toFile());
      context.putAll(
          json.convertValue(file.path("context"), new TypeReference<Map<String, Object>>() {}));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Templates are the same with a small folder in place of each function's jar.
    context.put("functions", "none");
    context.put("mlflowUi", "none");
    context.put("placeholder", "src/main/java");
    context.put("proxyImage", "example.com/snapslice/proxy:1");
    context.putAll(choices);
    return App.Builder.create().analyticsReporting(false).context(context).build();
  }

  /** What a template holds. */
  static List<Resource> resources(Template template) {
    JsonNode all = json.valueToTree(template.toJSON());
    return all.path("Resources").properties().stream()
        .map(entry ->
            new Resource(
                entry.getKey(),
                entry.getValue().path("Type").asText(),
                entry.getValue().path("Properties"),
                entry.getValue()))
        .toList();
  }

  static Stream<Stack> stacks() {
    return stacks.values().stream();
  }

  static Template template(String stack) {
    return templates.get(stack);
  }

  /** The resources of one type, of all stacks. */
  static List<Resource> of(String type) {
    return of(resources.values().stream().flatMap(List::stream), type);
  }

  static List<Resource> of(Stream<Resource> resources, String type) {
    return resources.filter(resource -> resource.type().equals(type)).toList();
  }

  /** The one resource of a type whose logical id begins so. */
  static Resource the(String type, String idPrefix) {
    List<Resource> found =
        of(type).stream().filter(resource -> resource.id().startsWith(idPrefix)).toList();
    if (found.size() != 1) {
      throw new AssertionError(type + " " + idPrefix + ": " + found);
    }
    return found.getFirst();
  }

  static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** A value, or an array of them, as text. */
  static List<String> texts(JsonNode oneOrMany) {
    return oneOrMany.isArray()
        ? stream(oneOrMany).map(JsonNode::asText).toList()
        : List.of(oneOrMany.asText());
  }
}
