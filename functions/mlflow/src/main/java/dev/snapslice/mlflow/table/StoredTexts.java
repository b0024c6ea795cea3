package dev.snapslice.mlflow.table;

import static java.util.stream.Collectors.toMap;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Texts by names, such as tags, as an attribute of an item. */
public final class StoredTexts {
  private StoredTexts() {}

  public static AttributeValue of(Map<String, String> texts) {
    return fromM(
        texts.entrySet().stream()
            .collect(toMap(Map.Entry::getKey, text -> AttributeValue.fromS(text.getValue()))));
  }

  public static SortedMap<String, String> read(AttributeValue stored) {
    SortedMap<String, String> texts = new TreeMap<>();
    stored.m().forEach((name, text) -> texts.put(name, text.s()));
    return texts;
  }
}
