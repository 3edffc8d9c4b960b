package dev.hawser.faults;

import static dev.hawser.faults.Http2Frame.END_HEADERS;
import static dev.hawser.faults.Http2Frame.END_STREAM;

import dev.hawser.faults.Http2Script.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Header blocks that cannot be decoded, that decode to too much, or to what no answer may have.
 * Blocks that cannot be decoded are errors of the connection, since its table is lost (RFC 9113
 * 4.3); fields that are forbidden are errors of the stream (8.1.1).
 *
 * {@snippet :
 * FaultServer.start(Http2Script.inTurn(HpackFaults.badIndex()));
 * FaultServer.start(Http2Script.inTurn(HpackFaults.fields(":status", "200", "Upper", "case")));
 * }
 */
public final class HpackFaults {
  private static final int STATUS_200 = 0x88;
  private static final int INDEXED = 0x80;
  private static final int SIZE_UPDATE = 0x20;
  private static final int HUFFMAN = 0x80;
  private static final int FIRST_DYNAMIC = 62;
  private static final int PIECE = 16_384;

  private HpackFaults() {}

  // ---- blocks

  /** An answer that is this block, without a body. */
  public static Answer block(int... bytes) {
    byte[] block = bytes(bytes);
    return (peer, request) ->
        peer.send(Http2Frame.headers(request.stream(), END_HEADERS | END_STREAM, block));
  }

  /** An index far behind both tables. */
  public static Answer badIndex() {
    return joined(new byte[] {(byte) STATUS_200}, Hpack.integer(INDEXED, 7, 100_000));
  }

  /** Index 0, which nothing has. */
  public static Answer indexZero() {
    return block(STATUS_200, INDEXED);
  }

  /** An index of more than 32 bits. */
  public static Answer endlessIndex() {
    return block(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
  }

  /** A table larger than the client allows. */
  public static Answer tableBeyondLimit() {
    return (peer, request) -> {
      long most = peer.clientSettings().value(Http2Settings.HEADER_TABLE_SIZE);
      byte[] block = join(Hpack.integer(SIZE_UPDATE, 5, most + 1), bytes(STATUS_200));
      peer.send(Http2Frame.headers(request.stream(), END_HEADERS | END_STREAM, block));
    };
  }

  /** A change of the table's size behind a field, where it has no place. */
  public static Answer lateTableSize() {
    return block(STATUS_200, SIZE_UPDATE);
  }

  /** A string that Huffman's code ends within; its padding is EOS, or too long. */
  public static Answer brokenHuffman() {
    return block(STATUS_200, 0x00, 1, 'a', HUFFMAN | 4, 0xff, 0xff, 0xff, 0xff);
  }

  /** A value that is longer than the block. */
  public static Answer cutOff() {
    return block(STATUS_200, 0x00, 1, 'a', 100, 'b');
  }

  // ---- too much

  /** A field of 4,000 bytes, said once and repeated by so many bytes more. */
  public static Answer bomb(int repetitions) {
    return (peer, request) -> {
      byte[] field = peer.encode(":status", "200", "x-bomb", "b".repeat(4000));
      byte[] again = new byte[repetitions];
      Arrays.fill(again, (byte) (INDEXED | FIRST_DYNAMIC));
      peer.headersInPieces(request.stream(), END_STREAM, join(field, again), PIECE);
    };
  }

  /** One field of so many bytes. */
  public static Answer hugeField(int bytes) {
    return (peer, request) -> {
      byte[] block = peer.encode(":status", "200", "x-huge", "h".repeat(bytes));
      peer.headersInPieces(request.stream(), END_STREAM, block, PIECE);
    };
  }

  /** So many fields. */
  public static Answer manyFields(int count) {
    return (peer, request) -> {
      var fields = new ArrayList<>(List.of(":status", "200"));
      for (int i = 0; i < count; i++) {
        fields.add("x-" + i);
        fields.add("v");
      }
      byte[] block = peer.encode(fields.toArray(String[]::new));
      peer.headersInPieces(request.stream(), END_STREAM, block, PIECE);
    };
  }

  /** A good answer whose block is cut into frames of so many bytes. */
  public static Answer inPieces(int bytes, String... namesAndValues) {
    return (peer, request) -> {
      byte[] status = peer.encode(":status", "200");
      byte[] block = join(status, peer.encode(namesAndValues));
      peer.headersInPieces(request.stream(), END_STREAM, block, bytes);
    };
  }

  // ---- fields

  /**
   * Any fields, in this order: upper case, pseudo-headers behind others or unknown, none or two
   * {@code :status}, {@code connection}, line ends in values.
   */
  public static Answer fields(String... namesAndValues) {
    List<Http2Field> fields = Http2Field.of(namesAndValues);
    return (peer, request) -> peer.fields(request.stream(), END_HEADERS | END_STREAM, fields);
  }

  /** No {@code :status}. */
  public static Answer noStatus() {
    return fields("content-type", "text/plain");
  }

  /** A name with capital letters. */
  public static Answer upperCaseName() {
    return fields(":status", "200", "Content-Type", "text/plain");
  }

  /** A pseudo-header behind a header. */
  public static Answer lateStatus() {
    return fields("content-type", "text/plain", ":status", "200");
  }

  /** A pseudo-header that nobody knows. */
  public static Answer unknownPseudoHeader() {
    return fields(":status", "200", ":reason", "fine");
  }

  /** A header that is about an HTTP/1.1 connection. */
  public static Answer connectionHeader() {
    return fields(":status", "200", "connection", "close");
  }

  /** A line end in a value, which a gateway to HTTP/1.1 would take for one. */
  public static Answer lineEndInValue() {
    return fields(":status", "200", "x-split", "a\r\nx-injected: b");
  }

  // ---- bytes

  /** Literals that are not indexed, of so many bytes in all. */
  static byte[] plainLiterals(int bytes) {
    var block = new ByteArrayOutputStream();
    while (block.size() < bytes) {
      int value = Math.min(100, bytes - block.size());
      block.writeBytes(bytes(0x00, 1, 'c', value));
      block.writeBytes("c".repeat(value).getBytes(StandardCharsets.US_ASCII));
    }
    return block.toByteArray();
  }

  private static Answer joined(byte[] first, byte[] second) {
    byte[] block = join(first, second);
    return (peer, request) ->
        peer.send(Http2Frame.headers(request.stream(), END_HEADERS | END_STREAM, block));
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
