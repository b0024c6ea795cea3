package dev.snapslice.core.permission;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A permission that somebody, or a role, was given for something, or for all of a kind. */
public record Given(Resource resource, Permission permission) {

  /** Those that are kept as an attribute of an item: a map by resource. */
  public static List<Given> read(Map<String, AttributeValue> stored) {
    return stored.entrySet().stream()
        .map(each ->
            new Given(Resource.parse(each.getKey()), Permission.valueOf(each.getValue().s())))
        .toList();
  }

  /** The value that one is kept as, in a map by resource. */
  public AttributeValue stored() {
    return fromS(permission.name());
  }
}
