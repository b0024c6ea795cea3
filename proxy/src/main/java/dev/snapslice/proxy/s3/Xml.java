package dev.snapslice.proxy.s3;

/**
 * Writes a document of S3's, in order. Control characters become references, as S3 sends them,
 * though XML 1.0 has no such characters.
 */
final class Xml {
  private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

  private final StringBuilder text =
      new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

  static Xml error() {
    Xml xml = new Xml();
    xml.text.append("<Error>");
    return xml;
  }

  static Xml document(String root) {
    Xml xml = new Xml();
    xml.text.append('<').append(root).append(" xmlns=\"").append(NAMESPACE).append("\">");
    return xml;
  }

  Xml open(String name) {
    text.append('<').append(name).append('>');
    return this;
  }

  Xml close(String name) {
    text.append("</").append(name).append('>');
    return this;
  }

  Xml element(String name, Object value) {
    return open(name).text(value.toString()).close(name);
  }

  Xml text(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        default -> {
          if (c < ' ' || c == 0x7f || c >= 0xfffe) {
            text.append("&#x").append(Integer.toHexString(c)).append(';');
          } else {
            text.append(c);
          }
        }
      }
    }
    return this;
  }

  /** The document whose root this was. */
  String end(String root) {
    return close(root).text.toString();
  }
}
