package dev.snapslice.mlflow.tracking;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Metrics in few bytes: keys once each, times and steps as differences, all of it deflated where
 * that helps. The first byte says how.
 */
final class MetricPack {
  private static final int PLAIN = 0;
  private static final int DEFLATED = 1;

  private MetricPack() {}

  static byte[] pack(List<Metric> metrics) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    plain.write(PLAIN);
    try {
      write(metrics, new DataOutputStream(plain));
      ByteArrayOutputStream deflated = new ByteArrayOutputStream();
      deflated.write(DEFLATED);
      Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
      try (var out = new DeflaterOutputStream(deflated, deflater)) {
        out.write(plain.toByteArray(), 1, plain.size() - 1);
      } finally {
        deflater.end();
      }
      return (deflated.size() < plain.size() ? deflated : plain).toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(List<Metric> metrics, DataOutputStream out) throws IOException {
    Map<String, Integer> keys = new LinkedHashMap<>();
    metrics.forEach(metric -> keys.putIfAbsent(metric.key(), keys.size()));
    writeLong(out, keys.size());
    for (String key : keys.keySet()) {
      out.writeUTF(key);
    }
    writeLong(out, metrics.size());
    long timestamp = 0;
    long step = 0;
    for (Metric metric : metrics) {
      writeLong(out, keys.get(metric.key()));
      writeLong(out, metric.timestamp() - timestamp);
      writeLong(out, metric.step() - step);
      out.writeDouble(metric.value());
      timestamp = metric.timestamp();
      step = metric.step();
    }
  }

  static List<Metric> unpack(byte[] packed) {
    InputStream rest = new ByteArrayInputStream(packed, 1, packed.length - 1);
    try (var in =
        new DataInputStream(packed[0] == DEFLATED ? new InflaterInputStream(rest) : rest)) {
      List<String> keys = new ArrayList<>();
      for (long count = readLong(in); count > 0; count--) {
        keys.add(in.readUTF());
      }
      List<Metric> metrics = new ArrayList<>();
      long timestamp = 0;
      long step = 0;
      for (long count = readLong(in); count > 0; count--) {
        String key = keys.get((int) readLong(in));
        timestamp += readLong(in);
        step += readLong(in);
        metrics.add(new Metric(key, in.readDouble(), timestamp, step));
      }
      return metrics;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Small numbers of either sign take few bytes. */
  private static void writeLong(DataOutputStream out, long value) throws IOException {
    long left = (value << 1) ^ (value >> 63);
    while ((left & ~0x7FL) != 0) {
      out.writeByte((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  private static long readLong(DataInputStream in) throws IOException {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte part = in.readByte();
      value |= (part & 0x7FL) << shift;
      if (part >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
  }
}
