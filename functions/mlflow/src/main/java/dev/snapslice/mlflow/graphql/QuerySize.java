package dev.snapslice.mlflow.graphql;

import graphql.execution.AbortExecutionException;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How much a query asks for, within the limits that MLflow's server has. */
final class QuerySize {
  private static final int MOST_LEVELS = 10;
  private static final int MOST_SELECTIONS = 1_000;
  private static final int MOST_ROOT_FIELDS = 10;
  private static final int MOST_ALIASES = 10;

  private final Map<String, FragmentDefinition> fragments;
  private int rootFields;
  private int selections;
  private int aliases;

  private QuerySize(Document document) {
    fragments =
        document.getDefinitionsOfType(FragmentDefinition.class).stream()
            .collect(
                Collectors.toMap(FragmentDefinition::getName, found -> found, (one, two) -> two));
  }

  /**
   * Checks a query, valid or not.
   *
   * @throws AbortExecutionException if it asks for more than it may
   */
  static void check(Document document) {
    QuerySize size = new QuerySize(document);
    for (OperationDefinition operation : document.getDefinitionsOfType(OperationDefinition.class)) {
      size.count(operation.getSelectionSet(), 1);
    }
    refuseMore(size.rootFields, MOST_ROOT_FIELDS, "root fields");
    refuseMore(size.aliases, MOST_ALIASES, "aliases");
  }

  private static void refuseMore(int found, int most, String what) {
    if (found > most) {
      throw new AbortExecutionException(
          "GraphQL queries should have at most %d %s, got %d %s."
              .formatted(most, what, found, what));
    }
  }

  /** Fragments that name each other end at the deepest level. */
  private void count(SelectionSet set, int level) {
    if (level > MOST_LEVELS) {
      throw new AbortExecutionException("Query exceeds maximum depth of " + MOST_LEVELS);
    }
    List<Field> fields = fields(set);
    rootFields += level == 1 ? fields.size() : 0;
    selections += fields.size();
    if (selections > MOST_SELECTIONS) {
      throw new AbortExecutionException(
          "Query exceeds maximum total selections of " + MOST_SELECTIONS);
    }
    long named = fields.stream().filter(field -> field.getAlias() != null).count();
    aliases = Math.max(aliases, (int) named);
    for (Field field : fields) {
      if (field.getSelectionSet() != null) {
        count(field.getSelectionSet(), level + 1);
      }
    }
  }

  /** Those of one level: a fragment's fields count where it stands. */
  private List<Field> fields(SelectionSet set) {
    List<Field> fields = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Deque<Selection<?>> left = new ArrayDeque<>();
    set.getSelections().forEach(left::add);
    while (!left.isEmpty()) {
      switch (left.remove()) {
        case Field field -> fields.add(field);
        case InlineFragment inline -> inline.getSelectionSet().getSelections().forEach(left::add);
        case FragmentSpread spread -> {
          FragmentDefinition fragment = fragments.get(spread.getName());
          if (fragment != null && seen.add(spread.getName())) {
            fragment.getSelectionSet().getSelections().forEach(left::add);
          }
        }
        default -> throw new IllegalStateException("GraphQL has no other selections");
      }
    }
    return fields;
  }
}
