package dev.snapslice.mlflow.graphql;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLOutputType;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/**
 * A field of one of the REST API's messages, as GraphQL shows it: by its name in camel case, and
 * with protobuf's default where the message leaves it out.
 */
final class MessageField {
  /** MLflow names it in every answer and never fills it. */
  private static final String ERROR = "ApiError";

  /** Of its values, those that are no numbers are shown as null, and elsewhere as errors. */
  private static final String METRIC_OF_RUN = "MlflowMetricExtension";

  private MessageField() {}

  /** The field that a query asks for, of the message that is its source. */
  static Object of(DataFetchingEnvironment asked) {
    JsonNode message = asked.getSource();
    if (message == null) {
      return null;
    }
    JsonNode value = message.path(snakeCase(asked.getField().getName()));
    GraphQLOutputType type = asked.getFieldType();
    if (name(type).equals("Float") && value.isTextual()) {
      return noNumber(value.asText(), name(asked.getParentType()));
    }
    return shown(value, type);
  }

  /** As protobuf writes the name. */
  static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** A value, or a type's default in the place of one that is missing. */
  static Object shown(JsonNode value, GraphQLType nullable) {
    GraphQLType type = GraphQLTypeUtil.unwrapNonNull(nullable);
    return switch (type) {
      case GraphQLList list -> all(value, list.getWrappedType());
      case GraphQLEnumType choice ->
          value.isMissingNode() ? choice.getValues().getFirst().getName() : value.asText();
      default ->
          switch (name(type)) {
            case "String" -> value.asText();
            case "LongString" -> value.asText("0");
            case "Float" -> value.asDouble();
            case "Boolean" -> value.asBoolean();
            case ERROR -> null;
            default -> value.isMissingNode() ? Json.MAPPER.createObjectNode() : value;
          };
    };
  }

  private static List<Object> all(JsonNode values, GraphQLType type) {
    return StreamSupport.stream(values.spliterator(), false)
        .map(value -> shown(value, type))
        .toList();
  }

  private static Object noNumber(String text, String parent) {
    if (text.equals("NaN") && parent.equals(METRIC_OF_RUN)) {
      return null;
    }
    throw MlflowException.invalid(
        "Float cannot represent non numeric value: "
            + text.toLowerCase(Locale.ROOT).replace("infinity", "inf"));
  }

  private static String name(GraphQLType type) {
    return type instanceof GraphQLNamedType named ? named.getName() : "";
  }
}
