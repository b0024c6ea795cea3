package dev.snapslice.mlflow.webhooks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS only to public addresses. It looks at the other end of a socket that is already connected,
 * before the handshake: a name that meanwhile resolves to something else leads nowhere.
 * Thread-safe.
 */
final class CheckedSockets extends SSLSocketFactory {
  private final SSLSocketFactory tls;

  CheckedSockets(SSLSocketFactory tls) {
    this.tls = tls;
  }

  @Override
  public Socket createSocket(Socket connected, String host, int port, boolean autoClose)
      throws IOException {
    InetAddress peer = connected.getInetAddress();
    if (peer == null || !PublicAddress.is(peer)) {
      connected.close();
      throw new NotPublicException(
          "Webhook connection blocked: %s is not a public IP address. This may indicate a DNS rebinding attempt."
              .formatted(peer == null ? "it" : peer.getHostAddress()));
    }
    return tls.createSocket(connected, host, port, autoClose);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unchecked();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
    throw unchecked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unchecked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
    throw unchecked();
  }

  private static UnsupportedOperationException unchecked() {
    return new UnsupportedOperationException("only over a socket whose other end can be looked at");
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return tls.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return tls.getSupportedCipherSuites();
  }

  /** Thrown before anything was sent. */
  static final class NotPublicException extends IOException {
    private static final long serialVersionUID = 1L;

    NotPublicException(String message) {
      super(message);
    }
  }
}
