package dev.hawser.http1;

import static dev.hawser.http1.ResponseHead.NO_LENGTH;

import dev.hawser.Http1Options;
import dev.hawser.http1.ResponseHead.Persistence;
import dev.hawser.http1.ResponseHead.TransferCoding;
import dev.hawser.wire.MalformedResponseException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Parses a response's status line and field section (RFC 9112 2 to 6), strictly: what two
 * recipients could read differently is an error, for that is how responses are smuggled. Accepted
 * beyond the grammar: a bare LF as line end (2.2), an absent reason phrase, folded lines, whose
 * line end becomes spaces (5.2), and bytes above 127, which are kept as ISO-8859-1.
 *
 * <p>One pass over the bytes, no object but the result. Holds the state of one parse, so one thread
 * at a time.
 */
public final class HeadParser {
  private static final byte[] NOTHING = {};
  private static final long SECOND = 1_000_000_000;
  private static final long LONGEST_HINT = 1_000_000; // seconds

  private final Http1Options limits;
  private byte[] bytes = NOTHING;
  private int to;
  private int valueFrom; // set by value()
  private int valueTo;
  private int end; // index after the head

  // What the fields say, for framing.
  private long contentLength;
  private TransferCoding transferCoding = TransferCoding.NONE;
  private boolean transferEncodingSeen;
  private boolean chunkedSeen;
  private Persistence persistence = Persistence.UNSAID;
  private long keepAliveNanos;

  public HeadParser(Http1Options limits) {
    this.limits = limits;
  }

  /** Where the body begins, after {@link #parse} has returned a head. */
  public int end() {
    return end;
  }

  /**
   * Parses the head that begins at {@code from}. May turn line ends within folded lines into
   * spaces.
   *
   * @return the head, or null if it is not complete yet
   * @throws MalformedResponseException if it can never become one
   */
  public @Nullable ResponseHead parse(byte[] source, int from, int limit)
      throws MalformedResponseException {
    bytes = source;
    to = limit;
    reset();
    int fields = statusLine(from);
    if (fields < 0) {
      return null;
    }
    end = fieldSection(fields);
    if (end < 0) {
      if (to - fields > limits.maxHeaderBytes()) {
        throw tooManyHeaderBytes();
      }
      return null;
    }
    if (end - fields > limits.maxHeaderBytes()) {
      throw tooManyHeaderBytes();
    }
    int status =
        (bytes[from + 9] - '0') * 100 + (bytes[from + 10] - '0') * 10 + (bytes[from + 11] - '0');
    finishTransferCoding();
    return new ResponseHead(
        Arrays.copyOfRange(bytes, from, end),
        fields - from,
        status,
        bytes[from + 7] == '0',
        contentLength,
        transferCoding,
        persistence,
        keepAliveNanos);
  }

  /** Checks a complete trailer section, which ends with its empty line. */
  void checkTrailers(byte[] section, int length) throws MalformedResponseException {
    bytes = section;
    to = length;
    reset();
    if (fieldSection(0) < 0) {
      throw new MalformedResponseException("a trailer section that does not end");
    }
  }

  private void reset() {
    contentLength = NO_LENGTH;
    transferCoding = TransferCoding.NONE;
    transferEncodingSeen = false;
    chunkedSeen = false;
    persistence = Persistence.UNSAID;
    keepAliveNanos = Long.MAX_VALUE;
  }

  // ---- status line

  /** Returns where the fields begin, or -1 if the line is not complete. */
  private int statusLine(int from) throws MalformedResponseException {
    int available = to - from;
    for (int i = 0; i < Math.min(available, 12); i++) {
      if (!fits(i, bytes[from + i])) {
        throw notAStatusLine(from);
      }
    }
    for (int i = from + 12; i < to; i++) {
      byte b = bytes[i];
      if (i == from + 12 && b != ' ' && b != '\r' && b != '\n') {
        throw notAStatusLine(from);
      }
      if (i - from >= limits.maxStatusLine()) {
        break;
      }
      if (b == '\n') {
        return i + 1;
      }
      if (b == 0 || b == '\r' && i + 1 < to && bytes[i + 1] != '\n') {
        throw new MalformedResponseException("a NUL or a bare CR in the status line");
      }
    }
    if (available > limits.maxStatusLine()) {
      throw new MalformedResponseException(
          "a status line of more than http1.maxStatusLine=" + limits.maxStatusLine() + " bytes");
    }
    return -1;
  }

  /** Whether byte {@code i} of a status line may be {@code b}: {@code HTTP/1.x 999}. */
  private static boolean fits(int i, byte b) {
    return switch (i) {
      case 7, 10, 11 -> b >= '0' && b <= '9';
      case 9 -> b >= '1' && b <= '9';
      default -> b == "HTTP/1.  ".charAt(i);
    };
  }

  private MalformedResponseException notAStatusLine(int from) {
    int length = Math.min(to - from, 40);
    return new MalformedResponseException(
        "no HTTP/1.1 status line but "
            + LooksLike.describe(Arrays.copyOfRange(bytes, from, from + length)));
  }

  // ---- fields

  /** Returns the index after the empty line, or -1 if the section is not complete. */
  private int fieldSection(int from) throws MalformedResponseException {
    int i = from;
    int count = 0;
    while (i < to) {
      byte b = bytes[i];
      if (b == '\n') {
        return i + 1;
      }
      if (b == '\r') {
        if (i + 1 == to) {
          return -1;
        }
        if (bytes[i + 1] != '\n') {
          throw new MalformedResponseException("a bare CR at the start of a header line");
        }
        return i + 2;
      }
      if (++count > limits.maxHeaders()) {
        throw new MalformedResponseException(
            "more than http1.maxHeaders=" + limits.maxHeaders() + " header lines");
      }
      int colon = name(i);
      if (colon < 0) {
        return -1;
      }
      int next = value(colon + 1);
      if (next < 0) {
        return -1;
      }
      understand(i, colon);
      i = next;
    }
    return -1;
  }

  /** Returns the index of the colon, or -1. */
  private int name(int from) throws MalformedResponseException {
    int i = from;
    while (i < to && Tokens.isTchar(bytes[i])) {
      i++;
    }
    if (i == to) {
      return -1;
    }
    if (bytes[i] == ':' && i > from) {
      return i;
    }
    String line = excerpt(from);
    throw new MalformedResponseException(
        switch (bytes[i]) {
          case ':' -> "a header line without a name";
          case ' ', '\t' ->
              i == from
                  ? "white space before the first header"
                  : "white space before the colon of a header line: \"" + line + '"';
          case '\r', '\n' -> "a header line without a colon: \"" + line + '"';
          default -> "a character that no header name has: \"" + line + '"';
        });
  }

  /** Sets valueFrom and valueTo, trimmed; returns the index of the next line, or -1. */
  private int value(int from) throws MalformedResponseException {
    int i = from;
    while (true) {
      while (i < to && (bytes[i] < 0 || bytes[i] > '\r')) {
        i++;
      }
      if (i == to) {
        return -1;
      }
      switch (bytes[i]) {
        case '\n' -> {
          if (i + 1 == to) {
            return -1; // the next byte says whether the line is folded
          }
          byte next = bytes[i + 1];
          if (next != ' ' && next != '\t') {
            trim(from, i);
            return i + 1;
          }
          unfold(i);
        }
        case '\r' -> {
          if (i + 1 == to) {
            return -1;
          }
          if (bytes[i + 1] != '\n') {
            throw new MalformedResponseException("a bare CR in a header value");
          }
        }
        case 0 -> throw new MalformedResponseException("a NUL in a header value");
        default -> {} // other control characters are kept (RFC 9110 5.5)
      }
      i++;
    }
  }

  private void unfold(int lineFeed) {
    bytes[lineFeed] = ' ';
    if (bytes[lineFeed - 1] == '\r') {
      bytes[lineFeed - 1] = ' ';
    }
  }

  private void trim(int from, int lineFeed) {
    int start = from;
    int stop = lineFeed;
    if (stop > start && bytes[stop - 1] == '\r') {
      stop--;
    }
    while (start < stop && (bytes[start] == ' ' || bytes[start] == '\t')) {
      start++;
    }
    while (stop > start && (bytes[stop - 1] == ' ' || bytes[stop - 1] == '\t')) {
      stop--;
    }
    valueFrom = start;
    valueTo = stop;
  }

  /**
   * Takes from a field what framing and reuse need; the length of its name tells nearly all others
   * apart.
   */
  private void understand(int from, int colon) throws MalformedResponseException {
    switch (colon - from) {
      case 10 -> {
        if (named(from, "connection")) {
          connection();
        } else if (named(from, "keep-alive")) {
          keepAlive();
        }
      }
      case 14 -> {
        if (named(from, "content-length")) {
          contentLength();
        }
      }
      case 17 -> {
        if (named(from, "transfer-encoding")) {
          transferEncoding();
        }
      }
      default -> {}
    }
  }

  private boolean named(int from, String lowerCase) {
    for (int i = 0; i < lowerCase.length(); i++) {
      if ((bytes[from + i] | 0x20) != lowerCase.charAt(i)
          && bytes[from + i] != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Without the white space that HTTP knows; {@code strip} would take more, and make valid what is
   * not.
   */
  private static String trimmed(String text) {
    int from = 0;
    int until = text.length();
    while (from < until && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
      from++;
    }
    while (until > from && (text.charAt(until - 1) == ' ' || text.charAt(until - 1) == '\t')) {
      until--;
    }
    return text.substring(from, until);
  }

  private String value() {
    return new String(bytes, valueFrom, valueTo - valueFrom, StandardCharsets.ISO_8859_1);
  }

  /** One number, or the same one several times (RFC 9110 8.6). */
  private void contentLength() throws MalformedResponseException {
    long length = 0;
    boolean digits = false;
    for (int i = valueFrom; i <= valueTo; i++) {
      byte b = i < valueTo ? bytes[i] : (byte) ',';
      if (b == ',') {
        if (!digits || contentLength != NO_LENGTH && contentLength != length) {
          throw badLength();
        }
        contentLength = length;
        length = 0;
        digits = false;
        while (i + 1 < valueTo && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t')) {
          i++;
        }
      } else {
        if (b < '0' || b > '9' || length > (Long.MAX_VALUE - (b - '0')) / 10) {
          throw badLength();
        }
        length = length * 10 + (b - '0');
        digits = true;
      }
    }
  }

  private MalformedResponseException badLength() {
    return new MalformedResponseException(
        contentLength == NO_LENGTH
            ? "Content-Length \"" + LooksLike.printable(value()) + "\" is not one number"
            : "Content-Length twice, with different values: "
                + contentLength
                + " and "
                + LooksLike.printable(value()));
  }

  private void transferEncoding() throws MalformedResponseException {
    transferEncodingSeen = true;
    for (String element : value().split(",", -1)) {
      String coding = trimmed(element).toLowerCase(Locale.ROOT);
      switch (coding) {
        case "" -> {}
        case "chunked" -> {
          if (chunkedSeen) {
            throw new MalformedResponseException("Transfer-Encoding: chunked twice");
          }
          chunkedSeen = true;
          transferCoding =
              transferCoding == TransferCoding.NONE
                  ? TransferCoding.CHUNKED
                  : TransferCoding.UNTIL_CLOSE;
          if (transferCoding == TransferCoding.UNTIL_CLOSE) {
            throw new MalformedResponseException(
                "Transfer-Encoding: "
                    + LooksLike.printable(value())
                    + ", which this client did not ask for");
          }
        }
        case "gzip", "x-gzip", "deflate", "compress", "x-compress", "identity" ->
            transferCoding = TransferCoding.UNTIL_CLOSE;
        default ->
            throw new MalformedResponseException(
                "Transfer-Encoding: " + LooksLike.printable(value()) + ", which is unknown");
      }
    }
  }

  private void finishTransferCoding() throws MalformedResponseException {
    if (transferEncodingSeen && contentLength != NO_LENGTH) {
      // RFC 9112 6.3: "ought to be handled as an error", for two recipients may see two different
      // messages.
      throw new MalformedResponseException("both Content-Length and Transfer-Encoding");
    }
    if (transferEncodingSeen && transferCoding == TransferCoding.NONE) {
      throw new MalformedResponseException("an empty Transfer-Encoding");
    }
  }

  private void connection() {
    if (persistence == Persistence.UNSAID
        && valueTo - valueFrom == 10
        && named(valueFrom, "keep-alive")) {
      persistence = Persistence.KEEP_ALIVE; // what most servers say, read without an object
      return;
    }
    for (String element : value().split(",", -1)) {
      String option = trimmed(element);
      if (option.equalsIgnoreCase("close")) {
        persistence = Persistence.CLOSE;
      } else if (option.equalsIgnoreCase("keep-alive") && persistence == Persistence.UNSAID) {
        persistence = Persistence.KEEP_ALIVE;
      }
    }
  }

  /** {@code Keep-Alive: timeout=5, max=100}; what cannot be read is no hint. */
  private void keepAlive() {
    for (String element : value().split(",", -1)) {
      String parameter = trimmed(element).toLowerCase(Locale.ROOT);
      if (parameter.startsWith("timeout=")) {
        String digits = trimmed(parameter.substring("timeout=".length()));
        if (!digits.isEmpty()
            && digits.length() <= 9
            && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
          keepAliveNanos = Math.min(Long.parseLong(digits), LONGEST_HINT) * SECOND;
        }
      }
    }
  }

  private MalformedResponseException tooManyHeaderBytes() {
    return new MalformedResponseException(
        "a header section of more than http1.maxHeaderBytes=" + limits.maxHeaderBytes() + " bytes");
  }

  private String excerpt(int from) {
    int stop = from;
    while (stop < to && stop - from < 40 && bytes[stop] != '\n') {
      stop++;
    }
    return LooksLike.printable(new String(bytes, from, stop - from, StandardCharsets.ISO_8859_1));
  }
}
