package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.DiffEntry;
import dev.snapslice.core.index.TimelineBucket;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.label.Label;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Values of the domain as the contract's schemas have them. */
final class Rendered {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Rendered() {}

  static String time(Instant moment) {
    return MILLIS.format(moment.truncatedTo(ChronoUnit.MILLIS));
  }

  static <T> ArrayNode all(List<T> values, Function<T, ObjectNode> render) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    values.forEach(value -> array.add(render.apply(value)));
    return array;
  }

  private static ObjectNode node() {
    return Json.MAPPER.createObjectNode();
  }

  private static void put(ObjectNode node, String field, Optional<Instant> moment) {
    moment.ifPresent(at -> node.put(field, time(at)));
  }

  static ObjectNode bucket(Bucket bucket) {
    ObjectNode node = node();
    node.put("name", bucket.name());
    node.set("location", Json.MAPPER.valueToTree(bucket.location()));
    node.put("status", bucket.status().name());
    ObjectNode progress = node.putObject("progress");
    progress.put("step", bucket.progress().step());
    progress.put("done", bucket.progress().done());
    bucket.progress().problem().ifPresent(problem -> progress.put("problem", problem));
    put(node, "indexedThrough", bucket.history().indexedThrough());
    put(node, "verifiedThrough", bucket.history().verifiedThrough());
    node.put("historyComplete", bucket.history().complete());
    node.put("latestKnown", bucket.latestKnown());
    ObjectNode amendments = node.putObject("amendments");
    amendments.put("count", bucket.amended().count());
    put(amendments, "last", bucket.amended().last());
    bucket.setup().warnings().forEach(node.putArray("warnings")::add);
    bucket.setup().historyNote().ifPresent(note -> node.put("historyNote", note));
    put(node, "versioningEnabled", bucket.setup().versioningEnabledAt());
    node.put("created", time(bucket.created()));
    node.put("updated", time(bucket.updated()));
    return node;
  }

  static ObjectNode amendment(Amendment amendment) {
    ObjectNode node = node();
    node.put("time", time(amendment.time()));
    node.put("arrival", time(amendment.arrival()));
    node.put("key", amendment.key());
    node.put("kind", amendment.kind().name());
    amendment.note().ifPresent(note -> node.put("note", note));
    return node;
  }

  /** A version as a view shows it. */
  static ObjectNode object(Version version) {
    ObjectNode node = node();
    node.put("key", version.key().value());
    node.put("versionId", version.versionId());
    node.put("size", version.size());
    node.put("etag", version.etag());
    node.put("lastModified", time(version.created()));
    put(node, "purged", version.removed());
    return node;
  }

  static ObjectNode change(DiffEntry entry) {
    ObjectNode node = node();
    node.put("key", entry.key().value());
    node.put("change", entry.change().name().toLowerCase(Locale.ROOT));
    entry.before().ifPresent(version -> node.set("before", object(version)));
    entry.after().ifPresent(version -> node.set("after", object(version)));
    return node;
  }

  /** A version as a key's history shows it. */
  static ObjectNode version(Version version) {
    ObjectNode node = node();
    node.put("versionId", version.versionId());
    node.put("kind", version.deleteMarker() ? "delete-marker" : "object");
    node.put("created", time(version.created()));
    put(node, "removed", version.removed());
    if (!version.deleteMarker()) {
      node.put("size", version.size());
      node.put("etag", version.etag());
    }
    return node;
  }

  static ObjectNode interval(TimelineBucket interval) {
    ObjectNode node = node();
    node.put("start", time(interval.start()));
    node.put("created", interval.created());
    node.put("deleted", interval.deleted());
    node.put("removed", interval.removed());
    node.put("bytes", interval.bytes());
    return node;
  }

  static ObjectNode label(Label label, boolean amended) {
    ObjectNode node = node();
    node.put("bucket", label.bucket());
    node.put("name", label.name());
    node.put("view", label.view().toString());
    node.put("prefix", label.prefix());
    node.put("owner", label.owner());
    node.put("note", label.note());
    node.put("created", time(label.created()));
    node.put("amended", amended);
    return node;
  }

  static ObjectNode credential(Credential credential) {
    ObjectNode node = node();
    node.put("id", credential.id());
    node.put("principal", credential.principal());
    node.put("role", credential.grant().role().name().toLowerCase(Locale.ROOT));
    put(node, "buckets", credential.grant().buckets());
    node.put("prefix", credential.grant().prefix());
    put(node, "from", credential.grant().from());
    put(node, "to", credential.grant().to());
    put(node, "expires", credential.grant().expires());
    put(node, "experiments", credential.grant().experiments());
    node.put("issuer", credential.issuer());
    node.put("created", time(credential.created()));
    node.put("revoked", credential.revoked());
    return node;
  }

  /** Of a grant's limits those that there are. */
  private static void put(ObjectNode node, String name, List<String> texts) {
    if (!texts.isEmpty()) {
      texts.forEach(node.putArray(name)::add);
    }
  }
}
