package dev.snapslice.proxy.webhdfs;

import java.util.Map;
import java.util.Optional;

/**
 * What is the same for every path and caller: a file system of HDFS's kind says it of itself, and
 * this one has no trash, no erasure coding and always room.
 */
final class FixedAnswers {
  static final String STORAGE_POLICY =
      """
      {"BlockStoragePolicy": {"id": 7, "name": "HOT", "copyOnCreateFile": false,
        "storageTypes": ["DISK"], "creationFallbacks": [], "replicationFallbacks": ["ARCHIVE"]}}
      """;

  private static final Map<String, String> BY_OPERATION =
      Map.of(
          "GETHOMEDIRECTORY", "{\"Path\": \"/\"}",
          "GETTRASHROOT", "{\"Path\": \"/.Trash\"}",
          "GETTRASHROOTS", "{\"Paths\": []}",
          "GETALLSTORAGEPOLICY", "{\"BlockStoragePolicies\": {\"BlockStoragePolicy\": []}}",
          "GETECPOLICIES", "{\"ErasureCodingPolicies\": {\"ErasureCodingPolicy\": []}}",
          "GETECCODECS", "{\"ErasureCodingCodecs\": {}}",
          "GETSTATUS",
              "{\"FsStatus\": {\"capacity\": %1$d, \"used\": 0, \"remaining\": %1$d}}"
                  .formatted(Long.MAX_VALUE),
          "GETSERVERDEFAULTS",
              """
              {"FsServerDefaults": {"blockSize": %d, "bytesPerChecksum": 512,
                "writePacketSize": 65536, "replication": 1, "fileBufferSize": 4096,
                "encryptDataTransfer": false, "trashInterval": 0, "checksumType": 2,
                "keyProviderUri": "", "defaultStoragePolicyId": 0}}
              """
                  .formatted(Statuses.BLOCK));

  private FixedAnswers() {}

  /** The answer to an operation; empty if it depends on more than that. */
  static Optional<String> of(String operation) {
    return Optional.ofNullable(BY_OPERATION.get(operation));
  }
}
