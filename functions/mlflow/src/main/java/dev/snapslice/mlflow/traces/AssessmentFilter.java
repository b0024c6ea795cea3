package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Operators;
import java.util.Set;
import java.util.function.Predicate;

/** What a filter says of feedback, expectations and issues. */
final class AssessmentFilter {
  private AssessmentFilter() {}

  private static boolean isNamed(ObjectNode assessment, String name) {
    return assessment.path("assessment_name").asText().equals(name);
  }

  /** Which traces have an issue. */
  static Predicate<Trace> issue(Comparison comparison) {
    comparison.operator(Set.of("="));
    String issue = Conditions.quoted(comparison);
    return trace ->
        trace.assessments().stream().anyMatch(each -> each.has("issue") && isNamed(each, issue));
  }

  /** Which traces have an assessment of a kind and a name that says so. */
  static Predicate<Trace> of(String kind, String name, Comparison comparison) {
    if (name.isEmpty()) {
      throw MlflowException.invalid("Assessment field name cannot be empty");
    }
    Predicate<ObjectNode> valid =
        each -> each.has(kind) && isNamed(each, name) && each.path("valid").asBoolean();
    if (comparison.value() instanceof Comparison.Nothing) {
      boolean wanted = comparison.operator().equals("IS NOT NULL");
      return trace -> trace.assessments().stream().anyMatch(valid) == wanted;
    }
    Predicate<ObjectNode> matches = value(comparison);
    return trace -> trace.assessments().stream().anyMatch(valid.and(matches));
  }

  /** Values are compared as JSON: a text with its quotes, or as if it had some. */
  private static Predicate<ObjectNode> value(Comparison comparison) {
    if (Set.of("<", "<=", ">", ">=").contains(comparison.operator())) {
      double than = Conditions.number(comparison);
      return each -> {
        JsonNode value = Assessments.said(each);
        return value.isNumber() && Operators.holds(comparison.operator(), value.asDouble(), than);
      };
    }
    String operator = comparison.operator(Conditions.FOR_TEXTS);
    String text = Conditions.quoted(comparison);
    Predicate<String> matches = Operators.matching(operator, comparison.value());
    return each -> {
      String value = PythonJson.dumps(Assessments.said(each));
      boolean same = value.equals(text) || value.equals(Python.quoted(text));
      return switch (operator) {
        case "=" -> same;
        case "!=" -> !same;
        default -> matches.test(value);
      };
    };
  }
}
