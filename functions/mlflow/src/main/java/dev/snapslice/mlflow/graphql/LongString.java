package dev.snapslice.mlflow.graphql;

import graphql.GraphQLContext;
import graphql.execution.CoercedVariables;
import graphql.language.IntValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.Coercing;
import graphql.schema.CoercingParseLiteralException;
import graphql.schema.CoercingParseValueException;
import graphql.schema.GraphQLScalarType;
import java.util.Locale;

/** A number of 64 bits, as a text: JavaScript's numbers have 53. */
final class LongString implements Coercing<Long, String> {
  static final GraphQLScalarType TYPE =
      GraphQLScalarType.newScalar().name("LongString").coercing(new LongString()).build();

  @Override
  public String serialize(Object value, GraphQLContext context, Locale locale) {
    return value.toString();
  }

  @Override
  public Long parseValue(Object value, GraphQLContext context, Locale locale) {
    try {
      return Long.parseLong(value.toString());
    } catch (NumberFormatException e) {
      throw new CoercingParseValueException("'%s' is no whole number".formatted(value), e);
    }
  }

  @Override
  public Long parseLiteral(
      Value<?> value, CoercedVariables variables, GraphQLContext context, Locale locale) {
    return switch (value) {
      case IntValue number -> parseValue(number.getValue(), context, locale);
      case StringValue text -> parseValue(text.getValue(), context, locale);
      default -> throw new CoercingParseLiteralException("a number is wanted");
    };
  }
}
