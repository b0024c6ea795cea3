package dev.snapslice.core.export;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.snapslice.core.json.ViewSpecReader;
import dev.snapslice.core.time.ViewSpec;

/**
 * What is written down, and where to.
 *
 * @param prefix only keys that begin so; empty for all
 * @param toBucket a registered bucket, which may be the same
 * @param toPrefix begins the keys of what is written; empty for none
 */
public record ExportRequest(
    String bucket,
    String prefix,
    @JsonSerialize(using = ToStringSerializer.class)
        @JsonDeserialize(converter = ViewSpecReader.class)
        ViewSpec view,
    Format format,
    String toBucket,
    String toPrefix) {

  /** How it is written. */
  public enum Format {
    /** Bucket, key and version id for S3 Batch Operations, without purged entries. */
    CSV("csv"),
    /** One JSON object a line, purged entries marked so. */
    JSON_LINES("jsonl");

    private final String extension;

    Format(String extension) {
      this.extension = extension;
    }

    /** Ends the names of files. */
    public String extension() {
      return extension;
    }
  }
}
