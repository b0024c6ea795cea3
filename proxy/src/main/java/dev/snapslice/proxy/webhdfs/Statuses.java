package dev.snapslice.proxy.webhdfs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.webhdfs.Namespace.Child;
import java.time.Instant;

/**
 * HDFS's description of files and directories.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html#FileStatus_JSON_Schema">FileStatus
 *     JSON Schema</a>
 */
final class Statuses {
  static final String OWNER = "snapslice";
  static final String FILE_PERMISSION = "444";
  static final String DIRECTORY_PERMISSION = "555";

  /** What Hadoop splits its work by: nothing is stored in blocks. */
  static final long BLOCK = 128L << 20;

  private Statuses() {}

  static ObjectNode of(Child child) {
    return child
        .file()
        .map(version -> file(child.name(), version))
        .orElseGet(() -> directory(child.name(), Instant.EPOCH));
  }

  /** A file, with the moment at which its version was created. */
  static ObjectNode file(String name, Version version) {
    return status(name, "FILE", version.created())
        .put("blockSize", BLOCK)
        .put("length", version.size())
        .put("permission", FILE_PERMISSION)
        .put("replication", 1);
  }

  /** A directory: an implied one has no time of its own. */
  static ObjectNode directory(String name, Instant modified) {
    return status(name, "DIRECTORY", modified)
        .put("blockSize", 0)
        .put("length", 0)
        .put("permission", DIRECTORY_PERMISSION)
        .put("replication", 0);
  }

  private static ObjectNode status(String name, String type, Instant modified) {
    return Json.MAPPER
        .createObjectNode()
        .put("pathSuffix", name)
        .put("type", type)
        .put("modificationTime", modified.toEpochMilli())
        .put("accessTime", 0)
        .put("owner", OWNER)
        .put("group", OWNER)
        .put("childrenNum", 0)
        .put("fileId", 0)
        .put("storagePolicy", 0);
  }
}
