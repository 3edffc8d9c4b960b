package dev.hawser.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the {@link OriginServer} over HTTP/2. A thread reads, a thread writes, and each
 * request has one. What the client must not do is a {@link Http2Violation}.
 */
final class Http2OriginConnection {
  private static final int DEFAULT_WINDOW = 65_535;
  private static final int CONNECTION_WINDOW = 1024 * 1024;
  private static final long LAST_PING = 0x676f696e67L; // is behind the first GOAWAY

  private final OriginServer server;
  private final Socket socket;
  private final InputStream in;
  private final Http2Settings settings;
  private final Hpack hpack;
  private final Http2Output output;
  private final AtomicLong requests = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  // All guarded by lock.
  private final Map<Integer, Http2OriginStream> streams = new TreeMap<>(); // answers not ended
  private final Set<Integer> unfinished = new HashSet<>(); // answered before the request's end
  private Http2Settings clients = Http2Settings.none();
  private long sendWindow = DEFAULT_WINDOW;
  private long receiveWindow = CONNECTION_WINDOW;
  private int notGivenBack;
  private int lastOpened;
  private int lastStream; // that was not refused
  private boolean goingAway;
  private boolean drained; // the last stream was said
  // The reader's.
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private int blockStream; // 0 outside of a block
  private boolean blockEndsStream;
  private boolean settingsAcknowledged;

  Http2OriginConnection(
      OriginServer server, Socket socket, InputStream in, Http2Settings settings) {
    this.server = server;
    this.socket = socket;
    this.in = in;
    this.settings = settings;
    this.hpack =
        new Hpack(
            (int) Math.max(Hpack.TABLE_SIZE, settings.value(Http2Settings.HEADER_TABLE_SIZE)));
    this.output = new Http2Output(hpack);
  }

  /**
   * Serves until either side wants no more.
   *
   * @param prefaceLeft how many bytes of the client's preface are to come
   */
  void serve(int prefaceLeft, @Nullable RequestHead upgraded, Http2Settings ofUpgrade)
      throws IOException {
    Thread writer = Thread.ofVirtual().name("origin-writer").start(this::write);
    try {
      output.frame(Http2Frame.settings(settings));
      output.frame(Http2Frame.windowUpdate(0, CONNECTION_WINDOW - DEFAULT_WINDOW));
      take(ofUpgrade);
      if (upgraded != null) {
        open(1, upgraded, true);
      }
      if (in.readNBytes(prefaceLeft).length < prefaceLeft) {
        throw new EOFException("the client closed within its preface");
      }
      while (true) {
        next();
      }
    } catch (Http2Violation e) {
      server.violated(e);
      output.frame(Http2Frame.goAway(lastStream(), e.error().code(), e.what()));
    } finally {
      end();
      output.close();
      join(writer);
    }
  }

  private void write() {
    try {
      output.writeTo(socket.getOutputStream());
      socket.shutdownOutput();
    } catch (IOException e) {
      // The client has gone, and the reader sees it too.
    }
  }

  private static void join(Thread writer) {
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() {
    lock.lock();
    try {
      streams.values().forEach(Http2OriginStream::resets);
    } finally {
      lock.unlock();
    }
  }

  // Reading

  private void next() throws IOException {
    try {
      take(Http2Frame.read(in));
    } catch (SocketTimeoutException e) {
      if (isIdle()) {
        output.frame(Http2Frame.goAway(lastStream(), Http2Error.NO_ERROR.code(), "idle"));
        throw e;
      }
    }
  }

  private void take(Http2Frame frame) throws IOException {
    if (blockStream != 0
        && (frame.type() != Http2Frame.CONTINUATION || frame.stream() != blockStream)) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame + " within a header block");
    }
    if (frame.payload().length > settings.value(Http2Settings.MAX_FRAME_SIZE)) {
      throw new Http2Violation(Http2Error.FRAME_SIZE_ERROR, frame.toString());
    }
    switch (frame.type()) {
      case Http2Frame.HEADERS, Http2Frame.CONTINUATION -> takeBlock(frame);
      case Http2Frame.DATA -> takeData(frame);
      case Http2Frame.RST_STREAM -> takeReset(frame.stream());
      case Http2Frame.WINDOW_UPDATE -> widen(frame.stream(), frame.number(0));
      case Http2Frame.PING -> takePing(frame);
      case Http2Frame.SETTINGS -> takeSettings(frame);
      case Http2Frame.GOAWAY -> goAway();
      case Http2Frame.PUSH_PROMISE ->
          throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame.toString());
      default -> {}
    }
  }

  private void takeBlock(Http2Frame frame) throws IOException {
    if (frame.type() == Http2Frame.HEADERS) {
      blockStream = frame.stream();
      blockEndsStream = frame.endsStream();
    } else if (blockStream == 0) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame + " continues nothing");
    }
    block.writeBytes(frame.content());
    if (!frame.has(Http2Frame.END_HEADERS)) {
      return;
    }
    int stream = blockStream;
    blockStream = 0;
    List<Http2Field> fields = decode();
    if (awaitsMore(stream)) {
      takeTrailers(stream);
    } else {
      open(stream, Http2Heads.request(fields, blockEndsStream), blockEndsStream);
    }
  }

  private List<Http2Field> decode() throws Http2Violation {
    try {
      return hpack.decode(block.toByteArray());
    } catch (IllegalStateException e) {
      throw new Http2Violation(Http2Error.COMPRESSION_ERROR, String.valueOf(e.getMessage()));
    } finally {
      block.reset();
    }
  }

  private void takeTrailers(int id) throws Http2Violation {
    if (!blockEndsStream) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, "trailers that end nothing on " + id);
    }
    lock.lock();
    try {
      unfinished.remove(id);
      Http2OriginStream stream = streams.get(id);
      if (stream != null) {
        stream.requestEnds();
      }
    } finally {
      lock.unlock();
    }
  }

  private void open(int id, RequestHead head, boolean ended) throws IOException {
    Http2OriginStream stream = accept(id, ended);
    if (stream == null) {
      output.frame(Http2Frame.reset(id, Http2Error.REFUSED_STREAM.code()));
      return;
    }
    requests.incrementAndGet();
    server.countRequest();
    Thread.ofVirtual().name("origin-stream-", id).start(() -> answer(stream, head));
  }

  /** The new stream; null if it is one too many. */
  private @Nullable Http2OriginStream accept(int id, boolean ended) throws Http2Violation {
    lock.lock();
    try {
      if (id % 2 == 0 || id <= lastOpened) {
        throw new Http2Violation(Http2Error.PROTOCOL_ERROR, "HEADERS on stream " + id);
      }
      lastOpened = id;
      if (drained || streams.size() >= settings.value(Http2Settings.MAX_CONCURRENT_STREAMS)) {
        return null;
      }
      lastStream = id;
      long window = settings.value(Http2Settings.INITIAL_WINDOW_SIZE);
      var stream =
          new Http2OriginStream(
              this,
              id,
              lock,
              clients.value(Http2Settings.INITIAL_WINDOW_SIZE),
              settingsAcknowledged ? window : Math.max(window, DEFAULT_WINDOW));
      if (ended) {
        stream.requestEnds();
      }
      streams.put(id, stream);
      server.streamsAtOnce(streams.size());
      return stream;
    } finally {
      lock.unlock();
    }
  }

  private void takeData(Http2Frame frame) throws IOException {
    int length = frame.payload().length;
    boolean unwanted;
    lock.lock();
    try {
      receiveWindow -= length;
      Http2OriginStream stream = streams.get(frame.stream());
      if (frame.endsStream()) {
        unfinished.remove(frame.stream());
      }
      boolean fits = receiveWindow >= 0;
      unwanted = stream == null || stream.isReset();
      if (stream != null && !unwanted) {
        if (stream.requestEnded()) {
          throw new Http2Violation(Http2Error.STREAM_CLOSED, frame.toString());
        }
        fits &= stream.came(frame.content(), length);
        if (frame.endsStream()) {
          stream.requestEnds();
        }
      } else if (frame.stream() > lastOpened || frame.stream() == 0) {
        throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame + " on an idle stream");
      }
      if (!fits) {
        throw new Http2Violation(Http2Error.FLOW_CONTROL_ERROR, frame + " beyond the window");
      }
    } finally {
      lock.unlock();
    }
    if (unwanted) {
      usedOfConnection(length);
    } else {
      usedOfConnection(length - frame.content().length);
    }
  }

  private void takeReset(int id) throws IOException {
    int unread = 0;
    lock.lock();
    try {
      unfinished.remove(id);
      Http2OriginStream stream = streams.remove(id);
      if (stream != null) {
        unread = stream.resets();
      }
    } finally {
      lock.unlock();
    }
    usedOfConnection(unread);
    closeIfDone();
  }

  private void takePing(Http2Frame frame) throws IOException {
    if (!frame.has(Http2Frame.ACK)) {
      output.frame(new Http2Frame(Http2Frame.PING, Http2Frame.ACK, 0, frame.payload()));
      return;
    }
    if (drains()) {
      output.frame(Http2Frame.goAway(lastStream(), Http2Error.NO_ERROR.code(), ""));
      closeIfDone();
    }
  }

  /** Whether the client knows now that we go: what it sends from here on is refused. */
  private boolean drains() {
    lock.lock();
    try {
      boolean first = goingAway && !drained;
      drained |= first;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void takeSettings(Http2Frame frame) throws IOException {
    if (frame.has(Http2Frame.ACK)) {
      settingsAcknowledged = true;
      return;
    }
    take(Http2Settings.parse(frame.payload()));
    output.frame(Http2Frame.settingsAck());
  }

  private void take(Http2Settings changes) {
    lock.lock();
    try {
      long before = clients.value(Http2Settings.INITIAL_WINDOW_SIZE);
      clients = clients.changedBy(changes);
      long after = clients.value(Http2Settings.INITIAL_WINDOW_SIZE);
      streams.values().forEach(stream -> stream.widen(after - before));
    } finally {
      lock.unlock();
    }
    output.encoderTableSize(clients.value(Http2Settings.HEADER_TABLE_SIZE));
  }

  private void widen(int id, long increment) throws Http2Violation {
    lock.lock();
    try {
      if (id == 0) {
        sendWindow += increment;
        streams.values().forEach(Http2OriginStream::windowChanged);
      } else {
        Http2OriginStream stream = streams.get(id);
        if (stream != null) {
          stream.widen(increment);
        }
      }
      if (sendWindow > Integer.MAX_VALUE || increment == 0) {
        throw new Http2Violation(Http2Error.FLOW_CONTROL_ERROR, "WINDOW_UPDATE by " + increment);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitsMore(int id) {
    lock.lock();
    try {
      return streams.containsKey(id) || unfinished.contains(id);
    } finally {
      lock.unlock();
    }
  }

  private boolean isIdle() {
    lock.lock();
    try {
      return streams.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private int lastStream() {
    lock.lock();
    try {
      return lastStream;
    } finally {
      lock.unlock();
    }
  }

  // Answering, on the streams' threads

  private void answer(Http2OriginStream stream, RequestHead head) {
    var exchange = new Http2Exchange(this, server, stream, head);
    try {
      try {
        server.behaviour().on(exchange);
        exchange.finish();
      } catch (BadRequestException e) {
        exchange.refuse(e);
      } catch (RuntimeException | Error e) {
        reset(stream, Http2Error.INTERNAL_ERROR);
        throw e;
      }
      discardRequest(stream);
    } catch (IOException e) {
      // The client has gone, or wants no more of this stream.
    } finally {
      closeIfDone();
    }
  }

  /** What is left of a request is of no use: says so, without an error (RFC 9113 8.1). */
  private void discardRequest(Http2OriginStream stream) throws IOException {
    int unread;
    boolean open;
    lock.lock();
    try {
      unread = stream.discard();
      open = !stream.requestEnded() && !stream.isReset();
    } finally {
      lock.unlock();
    }
    usedOfConnection(unread);
    if (open) {
      output.frame(Http2Frame.reset(stream.id(), Http2Error.NO_ERROR.code()));
    }
  }

  Http2Output output() {
    return output;
  }

  /** Before the frame that ends an answer: the client may open another stream when it has that. */
  void answerEnds(Http2OriginStream stream) {
    lock.lock();
    try {
      if (streams.remove(stream.id()) != null && !stream.requestEnded()) {
        unfinished.add(stream.id());
      }
    } finally {
      lock.unlock();
    }
  }

  void reset(Http2OriginStream stream, Http2Error error) throws IOException {
    answerEnds(stream);
    int unread;
    lock.lock();
    try {
      unread = stream.resets();
    } finally {
      lock.unlock();
    }
    output.frame(Http2Frame.reset(stream.id(), error.code()));
    usedOfConnection(unread);
  }

  /** Waits until at least one byte may be sent; returns how many may. */
  int reserve(Http2OriginStream stream, int wanted) throws IOException {
    lock.lock();
    try {
      stream.awaitUntil(() -> stream.isReset() || window(stream) > 0);
      if (stream.isReset()) {
        throw new IOException("stream " + stream.id() + " was reset");
      }
      long most = Math.min(wanted, clients.value(Http2Settings.MAX_FRAME_SIZE));
      int count = (int) Math.min(window(stream), most);
      sendWindow -= count;
      stream.widen(-count);
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** What the client takes on a stream now; under the lock. */
  private long window(Http2OriginStream stream) {
    return Math.min(sendWindow, stream.sendWindow());
  }

  /** Gives back what was reserved and is not needed. */
  void giveUp(Http2OriginStream stream, int count) {
    if (count == 0) {
      return;
    }
    lock.lock();
    try {
      sendWindow += count;
      stream.widen(count);
      streams.values().forEach(Http2OriginStream::windowChanged);
    } finally {
      lock.unlock();
    }
  }

  /** So much of a request's body was read. */
  void used(Http2OriginStream stream, int count) throws IOException {
    int increment;
    lock.lock();
    try {
      long window = settings.value(Http2Settings.INITIAL_WINDOW_SIZE);
      increment = stream.giveBack(count, (int) Math.max(1, window / 2));
    } finally {
      lock.unlock();
    }
    if (increment > 0) {
      output.frame(Http2Frame.windowUpdate(stream.id(), increment));
    }
    usedOfConnection(count);
  }

  private void usedOfConnection(int count) throws IOException {
    int increment = 0;
    lock.lock();
    try {
      notGivenBack += count;
      if (notGivenBack >= CONNECTION_WINDOW / 2) {
        increment = notGivenBack;
        receiveWindow += increment;
        notGivenBack = 0;
      }
    } finally {
      lock.unlock();
    }
    if (increment > 0) {
      output.frame(Http2Frame.windowUpdate(0, increment));
    }
  }

  // Ending

  /** Says that it goes, finishes what was sent until the client knows, and closes. */
  void goAway() throws IOException {
    lock.lock();
    try {
      if (goingAway) {
        return;
      }
      goingAway = true;
    } finally {
      lock.unlock();
    }
    output.frame(Http2Frame.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), ""));
    output.frame(Http2Frame.ping(LAST_PING));
  }

  /** After the last answer's last frame. */
  void closeIfDone() {
    lock.lock();
    try {
      if (drained && streams.isEmpty()) {
        output.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many requests came. */
  long requests() {
    return requests.get();
  }
}
