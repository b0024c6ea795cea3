package dev.snapslice.ingest;

import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;

/**
 * An event of S3 that came by EventBridge: its keys are not encoded, its times are whole seconds.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html">EventBridge
 *     event message structure</a>
 */
final class EventBridgeEvent {
  private EventBridgeEvent() {}

  static Parsed parse(Fields event) {
    String type = event.required("detail-type");
    return switch (type) {
      case "Object Created" -> fact(event, Kind.CREATED);
      case "Object Deleted" -> fact(event, deleted(event.within("detail")));
      default -> new Parsed.Ignored(type);
    };
  }

  private static Kind deleted(Fields detail) {
    String type = detail.required("deletion-type");
    return switch (type) {
      case "Delete Marker Created" -> Kind.MARKER;
      case "Permanently Deleted" -> Kind.REMOVED;
      default ->
          throw new MalformedMessageException(
              detail.at("deletion-type") + " is '" + type + "', which S3 does not know");
    };
  }

  private static Parsed fact(Fields event, Kind kind) {
    Fields detail = event.within("detail");
    Fields object = detail.within("object");
    return new Told(object, kind, event.time("time"), Source.EVENTBRIDGE)
        .fact(
            detail.within("bucket").required("name"),
            object.required("key"),
            object.text("version-id"),
            object.text("etag"));
  }
}
