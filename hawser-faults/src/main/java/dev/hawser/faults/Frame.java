package dev.hawser.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A WebSocket frame as it is on the wire (RFC 6455 5.2), right or wrong. */
public final class Frame {
  /** Bits of the first byte. */
  public static final int FIN = 0x80;

  /** Set on the first frame of a compressed message. */
  public static final int RSV1 = 0x40;

  /** Opcodes. */
  public static final int CONTINUATION = 0;

  /** Text, the first fragment or all of it. */
  public static final int TEXT = 1;

  /** Bytes, the first fragment or all of them. */
  public static final int BINARY = 2;

  /** A Close. */
  public static final int CLOSE = 8;

  /** A Ping. */
  public static final int PING = 9;

  /** A Pong. */
  public static final int PONG = 10;

  private final int first;
  private final boolean masked;
  private final byte[] payload;

  /**
   * Makes a frame.
   *
   * @param first the first byte: FIN, RSV1 to RSV3, opcode
   * @param masked whether it is masked, with a key of zero where it is sent
   * @param payload unmasked
   */
  public Frame(int first, boolean masked, byte[] payload) {
    this.first = first;
    this.masked = masked;
    this.payload = payload.clone();
  }

  /** A frame as a server sends it. */
  public static Frame of(int first, byte... payload) {
    return new Frame(first, false, payload);
  }

  /** A whole text message. */
  public static Frame text(String text) {
    return of(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A Close with a code and a reason. */
  public static Frame close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return of(
        FIN | CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  /** The first byte: FIN, RSV1 to RSV3, opcode. */
  public int first() {
    return first;
  }

  /** Whether it was masked. */
  public boolean masked() {
    return masked;
  }

  /** Unmasked. */
  public byte[] payload() {
    return payload.clone();
  }

  /** The opcode alone. */
  public int opcode() {
    return first & 0x0f;
  }

  /** The payload as text. */
  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /** A Close's code; 1005 if it has none. */
  public int code() {
    return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getChar();
  }

  /** On the wire. */
  public byte[] bytes() {
    var bytes = new ByteArrayOutputStream();
    bytes.write(first);
    int mask = masked ? 0x80 : 0;
    if (payload.length < 126) {
      bytes.write(mask | payload.length);
    } else if (payload.length < 65_536) {
      bytes.write(mask | 126);
      bytes.write(payload.length >> 8);
      bytes.write(payload.length);
    } else {
      bytes.write(mask | 127);
      bytes.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    if (masked) {
      bytes.writeBytes(new byte[4]);
    }
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  /** Reads a frame that the client sent. */
  public static Frame read(Peer peer) throws IOException {
    byte[] head = peer.readExactly(2);
    long length = head[1] & 0x7f;
    if (length == 126) {
      length = ByteBuffer.wrap(peer.readExactly(2)).getChar();
    } else if (length == 127) {
      length = ByteBuffer.wrap(peer.readExactly(8)).getLong();
    }
    boolean masked = head[1] < 0;
    byte[] key = masked ? peer.readExactly(4) : new byte[4];
    byte[] payload = peer.readExactly(Math.toIntExact(length));
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= key[i % 4];
    }
    return new Frame(head[0] & 0xff, masked, payload);
  }

  /** Reads frames until one of this opcode; those before are passed over. */
  public static Frame readUntil(Peer peer, int opcode) throws IOException {
    Frame frame = read(peer);
    while (frame.opcode() != opcode) {
      frame = read(peer);
    }
    return frame;
  }

  /** Reads an opening handshake and accepts it; returns the request. */
  public static Received accept(Peer peer) throws IOException {
    Received request = peer.readRequest();
    peer.send(acceptance(request) + "\r\n");
    return request;
  }

  /** What accepts this request, without the empty line, so that more can be added. */
  public static String acceptance(Received request) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + key(request)
        + "\r\n";
  }

  /** The Sec-WebSocket-Accept that fits this request. */
  public static String key(Received request) {
    String joined =
        request.header("sec-websocket-key").getFirst() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1").digest(joined.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) { // every Java platform has it
      throw new IllegalStateException(e);
    }
  }
}
