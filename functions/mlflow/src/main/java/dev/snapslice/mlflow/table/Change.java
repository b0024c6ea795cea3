package dev.snapslice.mlflow.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** What is to be changed of an item that exists, in one update, and on which conditions. */
public final class Change {
  private final List<String> sets = new ArrayList<>();
  private final List<String> removes = new ArrayList<>();
  private final List<String> conditions = new ArrayList<>(List.of("attribute_exists(pk)"));
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, AttributeValue> values = new HashMap<>();

  public Change set(String attribute, AttributeValue value) {
    sets.add(name(attribute) + "=" + value(value));
    return this;
  }

  /** Sets an entry of a map. */
  public Change set(String map, String key, AttributeValue value) {
    sets.add(entry(map, key) + "=" + value(value));
    return this;
  }

  /** Sets an entry of a map, unless it has another value. */
  public Change setOnce(String map, String key, AttributeValue value) {
    String entry = entry(map, key);
    String is = value(value);
    sets.add(entry + "=" + is);
    conditions.add("(attribute_not_exists(" + entry + ") OR " + entry + "=" + is + ")");
    return this;
  }

  /** Sets an entry of a map that is not there. */
  public Change setNew(String map, String key, AttributeValue value) {
    conditions.add("attribute_not_exists(" + entry(map, key) + ")");
    return set(map, key, value);
  }

  /** Removes an entry of a map that is there. */
  public Change removeKnown(String map, String key) {
    conditions.add("attribute_exists(" + entry(map, key) + ")");
    return remove(map, key);
  }

  /** Adds one to a number. */
  public Change count(String attribute) {
    String counter = name(attribute);
    sets.add(counter + "=" + counter + "+" + value(AttributeValue.fromN("1")));
    return this;
  }

  public Change remove(String attribute) {
    removes.add(name(attribute));
    return this;
  }

  /** Removes an entry of a map. */
  public Change remove(String map, String key) {
    removes.add(entry(map, key));
    return this;
  }

  /** Only if an attribute has that value. */
  public Change where(String attribute, AttributeValue value) {
    conditions.add(name(attribute) + "=" + value(value));
    return this;
  }

  /** Only if an entry of a map has that value, or is not there where there is none. */
  public Change where(String map, String key, Optional<AttributeValue> value) {
    String entry = entry(map, key);
    conditions.add(
        value.map(is -> entry + "=" + value(is)).orElse("attribute_not_exists(" + entry + ")"));
    return this;
  }

  /** Only if an attribute has another value. */
  public Change unless(String attribute, AttributeValue value) {
    conditions.add(name(attribute) + "<>" + value(value));
    return this;
  }

  /** Only if an attribute is not there. */
  public Change without(String attribute) {
    conditions.add("attribute_not_exists(" + name(attribute) + ")");
    return this;
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
  public int size() {
    return sets.size() + removes.size();
  }

  private String expression() {
    return (sets.isEmpty() ? "" : "SET " + String.join(",", sets))
        + (removes.isEmpty() ? "" : " REMOVE " + String.join(",", removes));
  }

  void fill(UpdateItemRequest.Builder request) {
    request
        .updateExpression(expression())
        .conditionExpression(String.join(" AND ", conditions))
        .expressionAttributeNames(names)
        .expressionAttributeValues(values.isEmpty() ? null : values);
  }

  /** Only the conditions. */
  void fill(Delete.Builder part) {
    part.conditionExpression(String.join(" AND ", conditions))
        .expressionAttributeNames(names)
        .expressionAttributeValues(values.isEmpty() ? null : values);
  }

  /** Only the conditions. */
  void fill(ConditionCheck.Builder part) {
    part.conditionExpression(String.join(" AND ", conditions))
        .expressionAttributeNames(names)
        .expressionAttributeValues(values.isEmpty() ? null : values);
  }

  void fill(Update.Builder part) {
    part.updateExpression(expression())
        .conditionExpression(String.join(" AND ", conditions))
        .expressionAttributeNames(names)
        .expressionAttributeValues(values.isEmpty() ? null : values);
  }
}
