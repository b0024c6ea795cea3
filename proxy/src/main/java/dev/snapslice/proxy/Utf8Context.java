package dev.snapslice.proxy;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/**
 * A connection whose requests may name what they ask for in plain UTF-8, as Hadoop's WebHDFS client
 * does. Helidon reads a request's first line as ASCII, so bytes beyond that come to it encoded.
 */
final class Utf8Context implements ConnectionContext {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final long NOT = Long.MIN_VALUE;

  private final ConnectionContext http;
  private final DataReader reader;
  private volatile long waitsSince = NOT;
  private volatile boolean closing;

  Utf8Context(ConnectionContext http) {
    this.http = http;
    this.reader = new Encoding(this::read);
  }

  private byte[] read() {
    DataReader socket = http.dataReader();
    waitsSince = System.nanoTime();
    try {
      if (closing) {
        throw new CloseConnectionException("nothing more is read from it");
      }
      socket.ensureAvailable();
    } finally {
      waitsSince = NOT;
    }
    return socket.readBytes(socket.available());
  }

  private static final class Encoding extends DataReader {
    // A newer Helidon has no such constructor: then its first lines have to be looked at again.
    @SuppressWarnings("removal")
    Encoding(Supplier<byte[]> socket) {
      super(socket);
    }

    /** Only first lines are read so. */
    @Override
    public byte[] readBytes(int length) {
      return encoded(super.readBytes(length));
    }

    private static byte[] encoded(byte[] line) {
      ByteArrayOutputStream ascii = new ByteArrayOutputStream(line.length);
      for (byte b : line) {
        if (b < 0) {
          ascii.writeBytes(('%' + HEX.toHexDigits(b)).getBytes(StandardCharsets.US_ASCII));
        } else {
          ascii.write(b);
        }
      }
      return ascii.toByteArray();
    }
  }

  /** Reads nothing more: whoever is not waiting yet would else begin to, and not be interrupted. */
  void close() {
    closing = true;
  }

  /** How long it has waited for what the client may send next; zero while it does not wait. */
  Duration waits() {
    long since = waitsSince;
    return since == NOT ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return http.dataWriter();
  }

  @Override
  public ListenerContext listenerContext() {
    return http.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return http.executor();
  }

  @Override
  public Router router() {
    return http.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return http.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return http.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return http.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return http.localPeer();
  }

  @Override
  public boolean isSecure() {
    return http.isSecure();
  }

  @Override
  public String socketId() {
    return http.socketId();
  }

  @Override
  public String childSocketId() {
    return http.childSocketId();
  }
}
