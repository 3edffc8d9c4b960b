package dev.hawser.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fields of a response's section as they are decoded and holds them against RFC 9113 8.2
 * and 8.3. A fault is the stream's alone, so it is kept until the block has been decoded: the
 * connection's table must stay in step.
 *
 * <p>Used again for the next section. One thread at a time.
 */
final class FieldRules implements HpackDecoder.Sink {
  private static final int STATUS = StaticTable.find(":status");
  private static final int LAST_PSEUDO = StaticTable.find("accept-charset") - 1;
  private static final int CONTENT_LENGTH = StaticTable.find("content-length");
  private static final int TRANSFER_ENCODING = StaticTable.find("transfer-encoding");
  private static final int KEPT = 256; // strings; what a rare large section took is given back

  private String[] fields = new String[32];
  private int count; // of strings in it
  private boolean trailers;
  private int status;
  private long contentLength;
  private @Nullable String fault;

  /** Begins a section; trailers have no pseudo-header at all (RFC 9113 8.1). */
  void begin(boolean ofTrailers) {
    if (fields.length > KEPT) {
      fields = new String[32];
    }
    count = 0;
    trailers = ofTrailers;
    status = 0;
    contentLength = FieldSection.NO_LENGTH;
    fault = null;
  }

  @Override
  public void field(String name, String value, boolean sensitive) {
    if (fault != null) {
      return;
    }
    int named = StaticTable.find(name); // whose names need no look
    if (named != 0 && named <= LAST_PSEUDO || name.startsWith(":")) {
      fault = pseudo(named, name, value);
      return;
    }
    fault = regular(named, name, value);
    if (count == fields.length) {
      fields = Arrays.copyOf(fields, count * 2);
    }
    fields[count++] = name;
    fields[count++] = value;
  }

  /** What is wrong with the section that has been decoded, to follow "the server sent"; or null. */
  @Nullable String fault() {
    return fault != null || trailers || status != 0 ? fault : "a response without :status";
  }

  /** The section, if there is no fault. */
  FieldSection section() {
    return new FieldSection(status, contentLength, Arrays.copyOf(fields, count));
  }

  private @Nullable String pseudo(int named, String name, String value) {
    if (trailers) {
      return "the pseudo-header " + printable(name) + " in trailers";
    }
    if (named != STATUS) {
      return "the pseudo-header " + printable(name) + ", which responses have not";
    }
    if (count > 0) {
      return ":status after another header";
    }
    if (status != 0) {
      return ":status twice";
    }
    if (value.length() != 3 || number(value) < 100) {
      return ":status \"" + printable(value) + '"';
    }
    status = (int) number(value);
    // RFC 9113 8.6: there is nothing to switch to.
    return status == 101 ? ":status 101, which HTTP/2 has not" : null;
  }

  private @Nullable String regular(int named, String name, String value) {
    if (named == 0) {
      String wrong = name(name, value);
      if (wrong != null) {
        return wrong;
      }
    } else if (named == TRANSFER_ENCODING) {
      return forAnotherProtocol(name);
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= '\r' && (c == '\r' || c == '\n' || c == 0)) {
        return "a line end or a NUL in the value of " + printable(name);
      }
    }
    if (!value.isEmpty()
        && (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1)))) {
      return "white space around the value of " + printable(name);
    }
    return named == CONTENT_LENGTH ? contentLength(value) : null;
  }

  private static @Nullable String name(String name, String value) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return "a header name with upper case: " + printable(name);
      }
      if (c <= ' ' || c >= 127 || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
        return "a character that no header name has: \"" + printable(name) + '"';
      }
    }
    return switch (name) {
      case "" -> "a header without a name";
      case "connection", "keep-alive", "proxy-connection", "upgrade" -> forAnotherProtocol(name);
      case "te" -> value.equals("trailers") ? null : forAnotherProtocol(name);
      default -> null;
    };
  }

  /** RFC 9113 8.2.2: a relay that passes it on unread could be led to split a response. */
  private static String forAnotherProtocol(String name) {
    return "the header " + name + ", which HTTP/2 has not";
  }

  /** Once, or the same again; a list of equal numbers (RFC 9110 8.6) is refused here. */
  private @Nullable String contentLength(String value) {
    long length = number(value);
    if (length < 0) {
      return "content-length \"" + printable(value) + "\", which is not one number";
    }
    if (contentLength != FieldSection.NO_LENGTH && contentLength != length) {
      return "content-length twice, with different values: " + contentLength + " and " + length;
    }
    contentLength = length;
    return null;
  }

  /** Decimal digits and nothing else, up to 18 of them; or -1. */
  private static long number(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static String printable(String text) {
    var printable = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), 40); i++) {
      char c = text.charAt(i);
      printable.append(c < ' ' || c >= 127 ? '.' : c);
    }
    return printable.toString();
  }
}
