package dev.snapslice.core.bucket;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which endpoints of other stores we connect to: never to addresses from which a function or a
 * container gets its own credentials, so that nobody borrows them through us.
 */
final class Endpoints {
  /** {@code fd00:ec2::/32}: instance metadata over IPv6; over IPv4 it is link-local. */
  private static final byte[] METADATA_IPV6 = {(byte) 0xfd, 0, 0x0e, (byte) 0xc2};

  private Endpoints() {}

  /** Refuses what is not a plain URL of a server. */
  static void checkForm(URI endpoint) {
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!web
        || endpoint.getHost() == null
        || endpoint.getUserInfo() != null
        || endpoint.getQuery() != null
        || endpoint.getFragment() != null) {
      throw new IllegalArgumentException(
          "'" + endpoint + "' is not an endpoint: want http(s)://host[:port]");
    }
  }

  /**
   * Refuses an endpoint whose host resolves to a link-local or metadata address or, unless {@code
   * loopback} is allowed, to this machine.
   */
  static void checkReachable(URI endpoint, boolean loopback) {
    checkForm(endpoint);
    try {
      List<InetAddress> addresses = List.of(InetAddress.getAllByName(endpoint.getHost()));
      if (addresses.stream().anyMatch(address -> refused(address, loopback))) {
        throw new IllegalArgumentException(
            "'" + endpoint + "' points at an address that is not a store's");
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + endpoint.getHost() + "' is not a known host", e);
    }
  }

  private static boolean refused(InetAddress address, boolean loopback) {
    return address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || (address.isLoopbackAddress() && !loopback)
        || isMetadataIpv6(address.getAddress());
  }

  private static boolean isMetadataIpv6(byte[] address) {
    return address.length == 16 && Arrays.equals(address, 0, 4, METADATA_IPV6, 0, 4);
  }
}
