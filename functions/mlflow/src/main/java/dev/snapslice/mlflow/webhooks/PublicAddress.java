package dev.snapslice.mlflow.webhooks;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Whether an address is one of the public internet.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IPv4</a>
 * @see <a href="https://www.iana.org/assignments/iana-ipv6-special-registry">IPv6</a>
 */
final class PublicAddress {
  private static final List<Network> NOT_PUBLIC_4 =
      networks(
          "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 "
              + "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 "
              + "198.51.100.0/24 203.0.113.0/24 224.0.0.0/3");
  private static final Network UNICAST_6 = Network.parse("2000::/3");
  private static final List<Network> NOT_PUBLIC_6 = networks("2001::/23 2001:db8::/32 3fff::/20");
  private static final Network NAT64 = Network.parse("64:ff9b::/96");
  private static final Network SIX_TO_FOUR = Network.parse("2002::/16");

  private record Network(List<Byte> address, int bits) {
    static Network parse(String text) {
      int slash = text.indexOf('/');
      byte[] address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
      return new Network(boxed(address), Integer.parseInt(text.substring(slash + 1)));
    }

    private static List<Byte> boxed(byte[] bytes) {
      Byte[] boxed = new Byte[bytes.length];
      Arrays.setAll(boxed, i -> bytes[i]);
      return List.of(boxed);
    }

    boolean contains(byte[] other) {
      for (int bit = 0; bit < bits; bit++) {
        if (((address.get(bit / 8) ^ other[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private static List<Network> networks(String all) {
    return Arrays.stream(all.split(" ")).map(Network::parse).toList();
  }

  private PublicAddress() {}

  static boolean is(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return is4(bytes);
    }
    // What only wraps an address of IPv4 is as public as that.
    if (NAT64.contains(bytes)) {
      return is4(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (SIX_TO_FOUR.contains(bytes)) {
      return is4(Arrays.copyOfRange(bytes, 2, 6));
    }
    return UNICAST_6.contains(bytes) && NOT_PUBLIC_6.stream().noneMatch(n -> n.contains(bytes));
  }

  private static boolean is4(byte[] bytes) {
    return NOT_PUBLIC_4.stream().noneMatch(network -> network.contains(bytes));
  }
}
