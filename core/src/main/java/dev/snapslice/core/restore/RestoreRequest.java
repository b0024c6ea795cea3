package dev.snapslice.core.restore;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.snapslice.core.json.ViewSpecReader;
import dev.snapslice.core.time.ViewSpec;
import java.time.Instant;

/** What a user wants to have back, and where. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RestoreRequest.Back.class, name = "back"),
  @JsonSubTypes.Type(value = RestoreRequest.Copy.class, name = "copy"),
})
public sealed interface RestoreRequest {

  /** What becomes of a delete marker that hides what is wanted back. */
  enum Markers {
    /** It is removed: no bytes move, and the version keeps its id. */
    REMOVE,
    /** It stays in the history, below a copy of the version. */
    COPY
  }

  /**
   * Make the keys of {@code bucket} below {@code prefix} what they were.
   *
   * @param prefix empty for the whole bucket
   */
  record Back(String bucket, String prefix, Instant at, Markers markers) implements RestoreRequest {
    @Override
    public String target() {
      return bucket;
    }

    @Override
    public Instant newest() {
      return at;
    }
  }

  /**
   * Copy what a view shows below {@code prefix} to {@code toBucket}, where {@code toPrefix} takes
   * the place of {@code prefix}. Other keys there stay.
   *
   * @param toBucket a registered bucket, which may be the same
   */
  record Copy(
      String bucket,
      String prefix,
      @JsonSerialize(using = ToStringSerializer.class)
          @JsonDeserialize(converter = ViewSpecReader.class)
          ViewSpec view,
      String toBucket,
      String toPrefix)
      implements RestoreRequest {
    @Override
    public String target() {
      return toBucket;
    }

    @Override
    public Instant newest() {
      return switch (view) {
        case ViewSpec.Snapshot snapshot -> snapshot.at();
        case ViewSpec.Slice slice -> slice.to();
      };
    }
  }

  /** Whose history it is. */
  String bucket();

  String prefix();

  /** The bucket that is written to. */
  String target();

  /** The newest moment that is looked back to. */
  Instant newest();
}
