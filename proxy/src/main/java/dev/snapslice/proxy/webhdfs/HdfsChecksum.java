package dev.snapslice.proxy.webhdfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * What HDFS's {@code getFileChecksum} gives for a file: the MD5 of the MD5s of each block's
 * CRC32Cs, of 512 bytes each, in blocks of 128 MiB, HDFS's defaults.
 *
 * @param algorithm by Hadoop's name, which counts CRCs per block: 0 where there is one block
 * @param bytes as Hadoop writes them: bytes per CRC, CRCs per block, MD5
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html#Get_File_Checksum">Get
 *     File Checksum</a>
 */
record HdfsChecksum(String algorithm, byte[] bytes) {
  private static final int CHUNK = 512;
  private static final int CHUNKS_PER_BLOCK = (int) (Statuses.BLOCK / CHUNK);

  static HdfsChecksum of(InputStream in) throws IOException {
    MessageDigest file = md5();
    int blocks = 0;
    byte[] chunk = new byte[CHUNK];
    int read = in.readNBytes(chunk, 0, CHUNK);
    while (read > 0) {
      MessageDigest block = md5();
      for (int i = 0; i < CHUNKS_PER_BLOCK && read > 0; i++) {
        CRC32C crc = new CRC32C();
        crc.update(chunk, 0, read);
        block.update(ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).flip());
        read = in.readNBytes(chunk, 0, CHUNK);
      }
      file.update(block.digest());
      blocks++;
    }
    if (blocks == 0) {
      // What HDFS has always answered for no bytes: the MD5 of an empty buffer's 32 zeros.
      return new HdfsChecksum("MD5-of-0MD5-of-0CRC32", written(0, 0, md5().digest(new byte[32])));
    }
    int perBlock = blocks > 1 ? CHUNKS_PER_BLOCK : 0;
    return new HdfsChecksum(
        "MD5-of-%dMD5-of-%dCRC32C".formatted(perBlock, CHUNK),
        written(CHUNK, perBlock, file.digest()));
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] written(int chunk, long perBlock, byte[] md5) {
    return ByteBuffer.allocate(Integer.BYTES + Long.BYTES + md5.length)
        .putInt(chunk)
        .putLong(perBlock)
        .put(md5)
        .array();
  }
}
