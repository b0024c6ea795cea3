package dev.snapslice.proxy.webhdfs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The blocks of a file that a reader asks for: nothing is stored in blocks, but Hadoop splits its
 * work by them.
 *
 * @param size of the file
 * @param starts where they begin
 */
record Blocks(long size, List<Long> starts) {

  /** The blocks that hold {@code length} bytes from {@code offset} on, as far as the file goes. */
  static Blocks of(long size, long offset, long length) {
    long first = offset / Statuses.BLOCK * Statuses.BLOCK;
    long end = Math.min(size, offset + Math.min(length, size));
    List<Long> starts =
        LongStream.iterate(first, start -> start < end, start -> start + Statuses.BLOCK)
            .boxed()
            .toList();
    return new Blocks(size, starts);
  }

  private long length(long start) {
    return Math.min(Statuses.BLOCK, size - start);
  }

  /** For GETFILEBLOCKLOCATIONS. */
  ObjectNode locations() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode blocks = body.putObject("BlockLocations").putArray("BlockLocation");
    for (long start : starts) {
      ObjectNode block =
          blocks
              .addObject()
              .put("offset", start)
              .put("length", length(start))
              .put("corrupt", false);
      block.putArray("hosts").add("localhost");
      block.putArray("names").add("localhost:9866");
      block.putArray("topologyPaths").add("/default-rack/localhost:9866");
      block.putArray("cachedHosts");
      block.putArray("storageIds");
      block.putArray("storageTypes").add("DISK");
    }
    return body;
  }

  /** For GET_BLOCK_LOCATIONS: the same, in HDFS's own terms. */
  ObjectNode located() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode blocks =
        body.putObject("LocatedBlocks")
            .put("fileLength", size)
            .put("isLastBlockComplete", true)
            .put("isUnderConstruction", false);
    ArrayNode located = blocks.putArray("locatedBlocks");
    for (long start : starts) {
      ObjectNode block = located.addObject().put("startOffset", start).put("isCorrupt", false);
      block
          .putObject("block")
          .put("blockId", start / Statuses.BLOCK)
          .put("blockPoolId", "snapslice")
          .put("generationStamp", 0)
          .put("numBytes", length(start));
      block.putObject("blockToken").put("urlString", "AAAAAA");
      block.putArray("locations");
      block.putArray("cachedLocations");
      block.putArray("storageTypes");
    }
    blocks.set("lastLocatedBlock", located.isEmpty() ? null : located.get(located.size() - 1));
    return body;
  }
}
