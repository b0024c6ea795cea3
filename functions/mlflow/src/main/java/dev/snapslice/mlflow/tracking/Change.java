package dev.snapslice.mlflow.tracking;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** What is to be changed of an item that exists, in one update. */
final class Change {
  private final List<String> sets = new ArrayList<>();
  private final List<String> removes = new ArrayList<>();
  private final List<String> conditions = new ArrayList<>(List.of("attribute_exists(pk)"));
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, AttributeValue> values = new HashMap<>();

  void set(String attribute, AttributeValue value) {
    sets.add(name(attribute) + "=" + value(value));
  }

  /** Sets an entry of a map. */
  void set(String map, String key, AttributeValue value) {
    sets.add(entry(map, key) + "=" + value(value));
  }

  /** Sets an entry of a map, unless it has another value. */
  void setOnce(String map, String key, AttributeValue value) {
    String entry = entry(map, key);
    String is = value(value);
    sets.add(entry + "=" + is);
    conditions.add("(attribute_not_exists(" + entry + ") OR " + entry + "=" + is + ")");
  }

  void rename(String name, Map<String, AttributeValue> tags) {
    set("name", AttributeValue.fromS(name));
    tags.forEach((key, value) -> set("tags", key, value));
  }

  void remove(String map, String key) {
    removes.add(entry(map, key));
  }

  private String entry(String map, String key) {
    return name(map) + "." + name(key);
  }

  private String name(String attribute) {
    String name = "#" + names.size();
    for (var known : names.entrySet()) {
      if (known.getValue().equals(attribute)) {
        return known.getKey();
      }
    }
    names.put(name, attribute);
    return name;
  }

  private String value(AttributeValue value) {
    String name = ":" + values.size();
    values.put(name, value);
    return name;
  }

  /** How much is changed. */
  int size() {
    return sets.size() + removes.size();
  }

  UpdateItemRequest.Builder fill(UpdateItemRequest.Builder request) {
    String expression =
        (sets.isEmpty() ? "" : "SET " + String.join(",", sets))
            + (removes.isEmpty() ? "" : " REMOVE " + String.join(",", removes));
    return request
        .updateExpression(expression)
        .conditionExpression(String.join(" AND ", conditions))
        .expressionAttributeNames(names)
        .expressionAttributeValues(values.isEmpty() ? null : values);
  }
}
