package dev.snapslice.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Reads URLs over connections that it keeps, with as little work of its own as may be. */
final class HttpLoad {
  private static final int BUFFER = 256 * 1024;

  private HttpLoad() {}

  /** What reading took: nanoseconds to the first byte and to the last, and bytes of bodies. */
  record Took(long firstNanos, long nanos, long bytes) {}

  /** A connection that is kept. */
  static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int begin;
    private int end;

    Connection(URI server) throws IOException {
      this.socket = new Socket(server.getHost(), server.getPort());
      socket.setTcpNoDelay(true);
      this.in = socket.getInputStream();
    }

    /** Reads the head of an answer and some of its body, and leaves. */
    void leave(byte[] request, int bytes) throws IOException {
      try (socket) {
        socket.getOutputStream().write(request);
        if (in.readNBytes(bytes).length < bytes) {
          throw new EOFException("the answer ended before we left");
        }
      }
    }

    /** Reads one URL to its end, which its Content-Length or its last chunk tells. */
    Took get(byte[] request) throws IOException {
      long start = System.nanoTime();
      socket.getOutputStream().write(request);
      fill();
      long first = System.nanoTime() - start;
      long length = -1;
      boolean chunked = false;
      String status = line();
      if (!status.startsWith("HTTP/1.1 20")) {
        throw new IOException("answered " + status);
      }
      for (String line = line(); !line.isEmpty(); line = line()) {
        String lower = line.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Long.parseLong(lower.substring(lower.indexOf(':') + 1).strip());
        }
        chunked |= lower.startsWith("transfer-encoding: chunked");
      }
      long bytes = chunked ? chunks() : skip(length);
      return new Took(first, System.nanoTime() - start, bytes);
    }

    private void fill() throws IOException {
      begin = 0;
      end = in.read(buffer);
      if (end < 0) {
        throw new EOFException("the connection ended");
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        if (begin == end) {
          fill();
        }
        char c = (char) buffer[begin++];
        if (c == '\n') {
          return line.toString().stripTrailing();
        }
        line.append(c);
      }
    }

    private long skip(long length) throws IOException {
      long left = length;
      while (left > 0) {
        if (begin == end) {
          fill();
        }
        int some = (int) Math.min(left, end - begin);
        begin += some;
        left -= some;
      }
      return length;
    }

    private long chunks() throws IOException {
      long bytes = 0;
      while (true) {
        int length = Integer.parseInt(line(), 16);
        bytes += skip(length);
        line();
        if (length == 0) {
          return bytes;
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** A GET of a URL as it stands on the wire. */
  static byte[] request(URI url) {
    return request(url, "");
  }

  /** The same, with a header's line more. */
  static byte[] request(URI url, String header) {
    String target = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    return "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n"
        .formatted(target, url.getHost(), url.getPort(), header)
        .getBytes(ISO_8859_1);
  }

  /** Reads for some seconds over some connections; how many requests were answered a second. */
  static double perSecond(List<URI> urls, int connections, double seconds)
      throws InterruptedException, ExecutionException {
    List<byte[]> requests = urls.stream().map(HttpLoad::request).toList();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    AtomicLong answered = new AtomicLong();
    long start = System.nanoTime();
    all(
        connections,
        number -> {
          try (Connection connection = new Connection(urls.getFirst())) {
            for (int i = number; System.nanoTime() < end; i += connections) {
              connection.get(requests.get(i % requests.size()));
              answered.incrementAndGet();
            }
          }
          return null;
        });
    return answered.get() * 1e9 / (System.nanoTime() - start);
  }

  /** Reads each URL once over one connection; sorted milliseconds to the first byte. */
  static double[] firstByteMillis(List<URI> urls) throws IOException {
    double[] millis = new double[urls.size()];
    try (Connection connection = new Connection(urls.getFirst())) {
      for (int i = 0; i < millis.length; i++) {
        millis[i] = connection.get(request(urls.get(i))).firstNanos() / 1e6;
      }
    }
    Arrays.sort(millis);
    return millis;
  }

  /** What one of many clients does. */
  interface Client {
    Void run(int number) throws Exception;
  }

  /** Runs clients at the same time, to their end. */
  static void all(int clients, Client client) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int number = i;
        tasks.add(() -> client.run(number));
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
