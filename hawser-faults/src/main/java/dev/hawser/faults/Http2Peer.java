package dev.hawser.faults;

import static dev.hawser.faults.Http2Frame.END_HEADERS;
import static dev.hawser.faults.Http2Frame.END_STREAM;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/**
 * One connection as a script over HTTP/2 sees it. Used by the script's thread only.
 *
 * {@snippet :
 * peer.handshake(Http2Settings.none().maxConcurrentStreams(1));
 * Http2Request request = peer.readRequest();
 * peer.headers(request.stream(), 200, "content-length", "10");
 * peer.data(request.stream(), "hel");
 * peer.resetStream(request.stream(), Http2Error.INTERNAL_ERROR);
 * peer.stall();
 * }
 *
 * <p>Whatever a script waits for, all frames are taken as they come and sorted: a request that
 * arrives while another's body is read is the next that {@link #readHead} returns. On the way PINGs
 * are answered, later SETTINGS are acknowledged and windows are opened as far as they were used,
 * unless {@link #mute} was said. Nothing else is done or checked for the script.
 */
public final class Http2Peer {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

  private static final int DECODER_TABLE = 64 * 1024;
  private static final Duration READER_PATIENCE = Duration.ofSeconds(10);

  private final Peer peer;
  private final Transcript transcript;
  private final InputStream in;
  private final Hpack hpack = new Hpack(DECODER_TABLE);
  private final Http2Inbox inbox;

  /** Held while a frame is written: in a flood, the thread that reads answers PINGs meanwhile. */
  private final ReentrantLock writing = new ReentrantLock();

  private boolean muted;

  /** A view of a connection that has read nothing yet, or a request that it answered with a 101. */
  public Http2Peer(Peer peer) {
    this.peer = peer;
    this.transcript = peer.transcript();
    this.in = peer.takeInput();
    this.inbox = new Http2Inbox(peer.number(), hpack);
  }

  /** Plays a script; why the client has closed meanwhile is in what it sent before: its GOAWAY. */
  void play(Http2Script script) throws IOException {
    try {
      script.play(this);
    } catch (SocketException e) {
      muted = true;
      readUntilClosed(); // at once: after a reset the kernel has what came before, then no more
      throw e;
    }
  }

  // The beginning

  /**
   * Reads the client's preface and SETTINGS. Before that, a request to upgrade is answered with a
   * 101; it is the first that {@link #readHead} returns.
   *
   * @throws IllegalStateException if the client speaks something else
   */
  public Http2Settings readPreface() throws IOException {
    in.mark(1);
    boolean knows = in.read() == PREFACE[0];
    in.reset();
    if (!knows) {
      upgrade();
    }
    byte[] preface = peer.readExactly(PREFACE.length);
    if (!Arrays.equals(preface, PREFACE)) {
      throw new IllegalStateException(
          "no preface of HTTP/2: " + new String(preface, StandardCharsets.ISO_8859_1));
    }
    transcript.frameCame("PREFACE");
    Http2Frame first = readFrame(false);
    if (first.type() != Http2Frame.SETTINGS || first.has(Http2Frame.ACK)) {
      throw new IllegalStateException("the client's first frame is " + first);
    }
    return inbox.settings();
  }

  private void upgrade() throws IOException {
    Received head = peer.readHead();
    transcript.frameCame(head.requestLine() + " Upgrade: " + head.header("upgrade"));
    if (!head.header("upgrade").contains("h2c") || head.header("http2-settings").isEmpty()) {
      throw new IllegalStateException("the client does not ask for HTTP/2: " + head.requestLine());
    }
    byte[] body = peer.readBody(head);
    inbox.take(
        Http2Settings.parse(
            Base64.getUrlDecoder().decode(head.header("http2-settings").getFirst())));
    var fields = new ArrayList<Http2Field>();
    fields.addAll(Http2Field.of(":method", head.method(), ":scheme", "http"));
    fields.addAll(Http2Field.of(":authority", head.header("host").getFirst()));
    fields.addAll(Http2Field.of(":path", head.target()));
    inbox.takeUpgrade(new Http2Request(peer.number(), 1, fields, true, body));
    transcript.frameSent("101");
    peer.write(SWITCHING.getBytes(StandardCharsets.US_ASCII));
  }

  /** Preface, our SETTINGS without anything in them, and the acknowledgement of the client's. */
  public Http2Settings handshake() throws IOException {
    return handshake(Http2Settings.none());
  }

  /** Preface, our SETTINGS, and the acknowledgement of the client's. */
  public Http2Settings handshake(Http2Settings settings) throws IOException {
    Http2Settings clients = readPreface();
    settings(settings);
    ackSettings();
    return clients;
  }

  /** Sends SETTINGS. */
  public void settings(Http2Settings settings) throws IOException {
    send(Http2Frame.settings(settings));
  }

  /** Acknowledges the client's SETTINGS. */
  public void ackSettings() throws IOException {
    send(Http2Frame.settingsAck());
  }

  /** What the client has said in its SETTINGS so far. */
  public Http2Settings clientSettings() {
    return inbox.settings();
  }

  /** From here on no PING is answered, no SETTINGS is acknowledged, no window is opened. */
  public void mute() {
    transcript.happened("answers no PING, SETTINGS or DATA from here on");
    muted = true;
  }

  // Reading

  /** The next frame, whatever it is. */
  public Http2Frame readFrame() throws IOException {
    return readFrame(!muted);
  }

  private Http2Frame readFrame(boolean answers) throws IOException {
    Http2Frame frame = Http2Frame.read(in);
    List<Http2Field> fields = inbox.take(frame);
    transcript.frameCame(line(frame, fields));
    if (answers) {
      answer(frame);
    }
    return frame;
  }

  private void answer(Http2Frame frame) throws IOException {
    if (frame.has(Http2Frame.ACK) && frame.type() != Http2Frame.DATA) {
      return;
    }
    switch (frame.type()) {
      case Http2Frame.PING ->
          send(new Http2Frame(Http2Frame.PING, Http2Frame.ACK, 0, frame.payload()));
      case Http2Frame.SETTINGS -> ackSettings();
      case Http2Frame.DATA -> {
        int used = frame.payload().length;
        if (used > 0) {
          windowUpdate(0, used);
          if (!frame.endsStream()) {
            windowUpdate(frame.stream(), used);
          }
        }
      }
      default -> {}
    }
  }

  /** The next request's head; more of it may follow. */
  public Http2Request readHead() throws IOException {
    Http2Request head = inbox.nextHead();
    while (head == null) {
      readFrame();
      head = inbox.nextHead();
    }
    return head;
  }

  /** The body of a request, to its end or to where the client resets it. */
  public byte[] readBody(Http2Request head) throws IOException {
    readUntil(() -> inbox.ended(head.stream()));
    return head.body().length > 0 ? head.body() : inbox.body(head.stream());
  }

  /** The next request with its body. */
  public Http2Request readRequest() throws IOException {
    return readRequest(readHead());
  }

  /** The rest of a request whose head was read. */
  public Http2Request readRequest(Http2Request head) throws IOException {
    Http2Request whole = head.withBody(readBody(head));
    peer.received(whole.asReceived());
    return whole;
  }

  /** How much DATA the client takes on this stream now, as far as its frames were read. */
  public long window(int stream) {
    return inbox.window(stream);
  }

  /** Reads frames to one of this type, on any stream. */
  public Http2Frame awaitFrame(int type) throws IOException {
    Http2Frame frame = readFrame();
    while (frame.type() != type) {
      frame = readFrame();
    }
    return frame;
  }

  /** Reads frames until the client has acknowledged our SETTINGS. */
  public void awaitSettingsAck() throws IOException {
    while (!awaitFrame(Http2Frame.SETTINGS).has(Http2Frame.ACK)) {
      // its own
    }
  }

  private void readUntil(BooleanSupplier enough) throws IOException {
    while (!enough.getAsBoolean()) {
      readFrame();
    }
  }

  // Sending

  /** Sends a frame. */
  public void send(Http2Frame frame) throws IOException {
    send(frame, List.of());
  }

  private void send(Http2Frame frame, List<Http2Field> fields) throws IOException {
    writing.lock();
    try {
      transcript.frameSent(line(frame, fields));
      if (frame.type() == Http2Frame.DATA) {
        inbox.sent(frame.stream(), frame.payload().length);
      }
      peer.write(frame.bytes());
    } finally {
      writing.unlock();
    }
  }

  /** Sends bytes that are no frame, or a broken one. */
  public void send(byte[] bytes) throws IOException {
    transcript.frameSent(bytes.length + " raw bytes");
    peer.write(bytes);
  }

  /** A header block from names and values, pseudo-headers too, as this connection compresses it. */
  public byte[] encode(String... namesAndValues) {
    return hpack.encode(Http2Field.of(namesAndValues));
  }

  /** Sends HEADERS with a status, names and values; a 1xx too. The stream goes on. */
  public void headers(int stream, int status, String... namesAndValues) throws IOException {
    fields(stream, END_HEADERS, withStatus(status, namesAndValues));
  }

  /** Sends HEADERS that end the stream: an answer without a body. */
  public void headersOnly(int stream, int status, String... namesAndValues) throws IOException {
    fields(stream, END_HEADERS | END_STREAM, withStatus(status, namesAndValues));
  }

  /** Sends HEADERS that end the stream, behind its body. */
  public void trailers(int stream, String... namesAndValues) throws IOException {
    fields(stream, END_HEADERS | END_STREAM, Http2Field.of(namesAndValues));
  }

  /** Sends HEADERS with these flags and any fields, in this order. */
  public void fields(int stream, int flags, List<Http2Field> fields) throws IOException {
    send(Http2Frame.headers(stream, flags, hpack.encode(fields)), fields);
  }

  /** Sends a header block in HEADERS and CONTINUATION of so many bytes each. */
  public void headersInPieces(int stream, int flags, byte[] block, int size) throws IOException {
    for (int at = 0; at == 0 || at < block.length; at += size) {
      byte[] piece = Arrays.copyOfRange(block, at, Math.min(block.length, at + size));
      int ending = at + size >= block.length ? END_HEADERS : 0;
      send(
          at == 0
              ? Http2Frame.headers(stream, flags & ~END_HEADERS | ending, piece)
              : Http2Frame.continuation(stream, ending, piece));
    }
  }

  private static List<Http2Field> withStatus(int status, String... namesAndValues) {
    var fields = new ArrayList<>(Http2Field.of(":status", Integer.toString(status)));
    fields.addAll(Http2Field.of(namesAndValues));
    return fields;
  }

  /** Sends text as UTF-8 in one frame, whatever the client's windows are. */
  public void data(int stream, String text) throws IOException {
    send(Http2Frame.data(stream, 0, text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The same, and ends the stream. */
  public void lastData(int stream, String text) throws IOException {
    send(Http2Frame.data(stream, END_STREAM, text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Answers with a 200 and this text, within the client's windows. */
  public void ok(Http2Request request, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    answer(request, 200, bytes, "content-length", Integer.toString(bytes.length));
  }

  /** Answers as a server should: frames that are not too large, within the client's windows. */
  public void answer(Http2Request request, int status, byte[] body, String... namesAndValues)
      throws IOException {
    int stream = request.stream();
    if (body.length == 0) {
      headersOnly(stream, status, namesAndValues);
      return;
    }
    headers(stream, status, namesAndValues);
    long most = clientSettings().value(Http2Settings.MAX_FRAME_SIZE);
    for (int sent = 0; sent < body.length && !inbox.isReset(stream); ) {
      int piece = (int) Math.min(body.length - sent, Math.min(most, inbox.window(stream)));
      if (piece <= 0) {
        readFrame();
        continue;
      }
      byte[] bytes = Arrays.copyOfRange(body, sent, sent + piece);
      sent += piece;
      send(Http2Frame.data(stream, sent == body.length ? END_STREAM : 0, bytes));
    }
  }

  /** Sends RST_STREAM. */
  public void resetStream(int stream, Http2Error error) throws IOException {
    send(Http2Frame.reset(stream, error.code()));
  }

  /** Sends GOAWAY; streams above the last were not processed. */
  public void goAway(int lastStream, Http2Error error, String debug) throws IOException {
    send(Http2Frame.goAway(lastStream, error.code(), debug));
  }

  /** Sends WINDOW_UPDATE for a stream, or for the connection with 0. */
  public void windowUpdate(int stream, long increment) throws IOException {
    send(Http2Frame.windowUpdate(stream, increment));
  }

  /** Sends PING. */
  public void ping(long opaque) throws IOException {
    send(Http2Frame.ping(opaque));
  }

  /** Promises on a stream to push another, for a request of these fields. */
  public void pushPromise(int stream, int promised, String... namesAndValues) throws IOException {
    send(
        Http2Frame.pushPromise(stream, promised, encode(namesAndValues)),
        Http2Field.of(namesAndValues));
  }

  /**
   * Sends frame after frame until the client closes or resets, or so many are sent; what the client
   * sends meanwhile is read, so that its GOAWAY is in the transcript.
   *
   * @param frames the n-th frame, from 0
   */
  public void flood(LongFunction<Http2Frame> frames, long most) throws IOException {
    Thread reader = Thread.ofVirtual().name("flood-reader").start(this::readUntilClosed);
    try {
      for (long i = 0; i < most && reader.isAlive(); i++) {
        send(frames.apply(i));
      }
    } catch (SocketException e) {
      transcript.happened("the flood ends: " + e.getMessage());
    } finally {
      finish(reader);
    }
  }

  private void readUntilClosed() {
    try {
      readUntil(() -> false);
    } catch (IOException e) {
      transcript.happened("the client ends: " + e.getMessage());
    }
  }

  private static void finish(Thread reader) throws IOException {
    try {
      reader.join(READER_PATIENCE);
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  // Ending

  /** Sends nothing but what {@link #mute} is about, until the client closes. */
  public void stall() throws IOException {
    transcript.happened("stalls");
    readUntil(() -> false);
  }

  /** How the client closes within this time; what it sends before is in the transcript. */
  public Peer.Ending awaitClose(Duration within) throws IOException {
    Peer.Ending ending = peer.readToEnd(System.nanoTime() + within.toNanos(), this::readFrameOrEnd);
    transcript.happened("client: " + ending);
    return ending;
  }

  private boolean readFrameOrEnd() throws IOException {
    try {
      readFrame();
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  /** The connection below: to pause, freeze, close or reset it, and for its TLS session. */
  public Peer connection() {
    return peer;
  }

  private static String line(Http2Frame frame, List<Http2Field> fields) {
    var line = new StringBuilder(frame.toString());
    fields.forEach(field -> line.append(' ').append(field));
    if (frame.type() == Http2Frame.PING && frame.payload().length == Long.BYTES) {
      line.append(' ').append(ByteBuffer.wrap(frame.payload()).getLong());
    }
    return line.toString();
  }
}
