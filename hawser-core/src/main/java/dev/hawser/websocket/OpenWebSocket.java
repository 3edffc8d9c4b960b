package dev.hawser.websocket;

import dev.hawser.WebSocketOptions;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.websocket.Send.Binary;
import dev.hawser.websocket.Send.Control;
import dev.hawser.websocket.Send.Text;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that is open, or was. One virtual thread reads, and alone calls the listener; it
 * reads only while the listener has asked for more. The {@link Writer} has the output.
 *
 * <p>Input and output close each by itself, as the JDK's contract says; whatever ends both at once
 * is the {@link End}, of which there is one: the first.
 */
public final class OpenWebSocket implements WebSocket {
  /** Is told once, when all is over. */
  @FunctionalInterface
  public interface OnEnd {
    /** The error that has ended it is null for none. */
    void ended(OpenWebSocket webSocket, @Nullable Throwable error);
  }

  private static final System.Logger LOG = System.getLogger("dev.hawser");
  private static final int MOST_CONTROL = 125;

  /**
   * Both directions ended at once.
   *
   * @param error null if by {@link #abort}
   */
  private record End(@Nullable Throwable error) {}

  private final String subprotocol;
  private final Listener listener;
  private final @Nullable Executor executor;
  private final OnEnd onEnd;
  private final Transport transport;
  private final Deadlines deadlines;
  private final FrameReader frames;
  private final MessageReader messages;
  private final Writer writer;
  private final Demand demand = new Demand();
  private final Thread reader;
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private volatile boolean inputClosed; // by the reader: onClose is about to be called

  /**
   * Takes over the connection after the opening handshake, at whose end nobody reads or writes.
   *
   * @param agreed on in the handshake
   * @param random a strong source, for masking
   * @param executor on which futures are completed; null for none
   * @throws IOException if the client's memory is used up
   */
  public OpenWebSocket(
      Transport transport,
      Agreed agreed,
      WebSocketOptions options,
      Listener listener,
      Buffers buffers,
      RandomGenerator random,
      Ticker ticker,
      @Nullable Executor executor,
      OnEnd onEnd)
      throws IOException {
    this.subprotocol = agreed.subprotocol();
    this.listener = listener;
    this.executor = executor;
    this.onEnd = onEnd;
    this.transport = transport;
    this.deadlines = new Deadlines(transport, options, ticker);
    byte[] early = new byte[transport.input().remaining()];
    System.arraycopy(
        transport.input().array(), transport.input().position(), early, 0, early.length);
    transport.releaseBuffers();
    this.frames = new FrameReader(transport, buffers, deadlines, early, options.maxFrame());
    this.messages = new MessageReader(frames, options, agreed.deflate());
    var outgoing = new Outgoing(transport, buffers, deadlines, new Masks(random));
    this.writer = new Writer(outgoing, agreed.deflate(), new Output());
    this.reader = Thread.ofVirtual().name("hawser-websocket").unstarted(this::run);
  }

  /** Begins with {@code onOpen}. */
  public void start() {
    transport.onClose(() -> LockSupport.unpark(reader)); // it may be waiting for demand
    reader.start();
  }

  // ---- what the user calls

  @Override
  public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
    if (!wellFormed(data)) {
      var malformed = new MalformedInputException(1);
      return SendFuture.failed(executor, new IOException("half a surrogate pair", malformed));
    }
    var future = new SendFuture<WebSocket>(executor);
    return offer(new Text(data, last, future), future);
  }

  @Override
  public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
    Objects.requireNonNull(data, "data");
    var future = new SendFuture<WebSocket>(executor);
    return offer(new Binary(data, last, future), future);
  }

  @Override
  public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
    return sendControl(Opcode.PING, message);
  }

  @Override
  public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
    return sendControl(Opcode.PONG, message);
  }

  private CompletableFuture<WebSocket> sendControl(int opcode, ByteBuffer message) {
    int length = message.remaining();
    if (length > MOST_CONTROL) {
      return SendFuture.failed(
          executor,
          new IllegalArgumentException(
              "a message of %d bytes; at most %d".formatted(length, MOST_CONTROL)));
    }
    var future = new SendFuture<WebSocket>(executor);
    return offer(new Control(opcode, message, future), future);
  }

  private CompletableFuture<WebSocket> offer(Send send, SendFuture<WebSocket> future) {
    Exception refusal = writer.offer(send);
    return refusal == null ? future : SendFuture.failed(executor, refusal);
  }

  @Override
  public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    if (!CloseCodes.maySend(statusCode)) {
      return SendFuture.failed(executor, new IllegalArgumentException("status code " + statusCode));
    }
    if (text.length > MOST_CONTROL - 2 || !wellFormed(reason)) {
      return SendFuture.failed(
          executor, new IllegalArgumentException("a reason of more than 123 bytes, or malformed"));
    }
    var future = new SendFuture<WebSocket>(executor);
    return writer.close(closeFrame(statusCode, text, future))
        ? future
        : SendFuture.failed(executor, Writer.closedOutput());
  }

  private static Control closeFrame(
      int code, byte[] reason, @Nullable SendFuture<WebSocket> future) {
    ByteBuffer payload = ByteBuffer.allocate(2 + reason.length);
    payload.putChar((char) code).put(reason).flip();
    return new Control(Opcode.CLOSE, payload, future);
  }

  @Override
  public void request(long n) {
    demand.add(n);
    wakeReader();
  }

  @Override
  public String getSubprotocol() {
    return subprotocol;
  }

  @Override
  public boolean isOutputClosed() {
    return writer.closed();
  }

  @Override
  public boolean isInputClosed() {
    return inputClosed || end.get() != null;
  }

  @Override
  public void abort() {
    end(new End(null), new IOException("the WebSocket was aborted"));
  }

  /** Ends both directions with an error, which the listener is told if it may still be called. */
  public void fail(Throwable error) {
    end(new End(error), new IOException("the WebSocket has failed: " + error.getMessage(), error));
  }

  private void end(End how, IOException forSends) {
    end.compareAndSet(null, how);
    writer.shut(forSends);
    transport.close(); // and so wakes the reader, wherever it is
    LockSupport.unpark(reader);
  }

  private void wakeReader() {
    if (Thread.currentThread() != reader) {
      LockSupport.unpark(reader);
    }
  }

  /** No half of a surrogate pair: it has no UTF-8. */
  private static boolean wellFormed(CharSequence text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < length
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  // ---- the reader

  private void run() {
    boolean linger = true;
    try {
      converse();
    } catch (Violation e) {
      linger = violated(e);
    } catch (IOException e) {
      linger = false;
      fail(explained(e));
    } catch (RuntimeException | Error e) { // the listener's
      linger = false;
      fail(e);
    }
    End how = end.get();
    if (how != null && how.error() != null && !inputClosed) {
      tellError(how.error());
    }
    if (linger) {
      linger();
    }
    release(how == null ? null : how.error());
  }

  private void converse() throws IOException {
    listener.onOpen(this);
    var receiver = new Receiver();
    while (!inputClosed && awaitDemand()) {
      if (!messages.receive(receiver)) {
        receiver.close(CloseCodes.ABNORMAL, "");
      }
      boolean ignored = Thread.interrupted(); // by the listener: it must not close the socket
    }
    while (!writer.done()) { // the listener decides when we answer
      LockSupport.park(this);
    }
  }

  /** Returns whether the listener wants more; false at the end. */
  private boolean awaitDemand() throws IOException {
    if (!demand.any()) {
      deadlines.paused();
      while (!demand.any() && end.get() == null) {
        if (!transport.isOpen()) {
          throw new ClosedChannelException(); // a deadline has passed
        }
        LockSupport.park(this);
      }
    }
    return end.get() == null;
  }

  /** Each call is one of those asked for. */
  private final class Receiver implements MessageReader.Receiver {
    @Override
    public void text(String part, boolean last) {
      if (counted()) {
        took(listener.onText(OpenWebSocket.this, part, last));
      }
    }

    @Override
    public void binary(ByteBuffer part, boolean last) {
      if (counted()) {
        took(listener.onBinary(OpenWebSocket.this, part, last));
      }
    }

    @Override
    public void ping(byte[] payload) {
      writer.pong(ByteBuffer.wrap(payload.clone()));
      if (counted()) {
        took(listener.onPing(OpenWebSocket.this, ByteBuffer.wrap(payload)));
      }
    }

    @Override
    public void pong(byte[] payload) {
      if (counted()) {
        took(listener.onPong(OpenWebSocket.this, ByteBuffer.wrap(payload)));
      }
    }

    /** {@inheritDoc} The last call: what goes wrong from here on, nobody is told. */
    @Override
    public void close(int code, String reason) {
      if (!counted()) {
        return;
      }
      inputClosed = true;
      CompletionStage<?> stage = null;
      try {
        stage = listener.onClose(OpenWebSocket.this, code, reason);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a WebSocket.Listener's onClose threw", e);
      }
      Control answer = closeFrame(CloseCodes.reply(code), new byte[0], null);
      if (stage == null) {
        writer.close(answer);
      } else {
        CompletionStage<?> ignored = stage.whenComplete((value, error) -> writer.close(answer));
      }
    }

    /** Takes one from the demand; false if nobody is to be called any more. */
    private boolean counted() {
      demand.take();
      return end.get() == null;
    }

    /** What was delivered is the listener's for good, so only a failure is of interest. */
    private void took(@Nullable CompletionStage<?> stage) {
      if (stage != null) {
        CompletionStage<?> ignored =
            stage.whenComplete(
                (value, error) -> {
                  if (error != null) {
                    boolean wrapped = error instanceof CompletionException;
                    Throwable cause = error.getCause();
                    fail(wrapped && cause != null ? cause : error);
                  }
                });
      }
    }
  }

  /** The server is told why (RFC 6455 7.1.7); returns whether it can be. */
  private boolean violated(Violation e) {
    boolean first = end.compareAndSet(null, new End(e));
    if (first) {
      deadlines.lingering();
      writer.fail(closeFrame(e.code(), new byte[0], null), e);
    }
    return first;
  }

  private IOException explained(IOException e) {
    return transport.expired() ? deadlines.passed() : e;
  }

  private void tellError(Throwable error) {
    try {
      listener.onError(this, error);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a WebSocket.Listener's onError threw", e);
    }
  }

  /**
   * The server closes TCP first, so that the wait for strays is its own (RFC 6455 7.1.1); and it
   * gets to read our Close, which a reset would take from it.
   */
  private void linger() {
    deadlines.lingering();
    try {
      frames.drain();
    } catch (IOException e) {
      // That was all the time there was.
    }
  }

  private void release(@Nullable Throwable error) {
    writer.shut(Writer.closedOutput());
    transport.close();
    transport.releaseBuffers();
    messages.release();
    onEnd.ended(this, error);
  }

  /** What the writer tells. */
  private final class Output implements Writer.Owner {
    @Override
    public WebSocket webSocket() {
      return OpenWebSocket.this;
    }

    @Override
    public void closeSent() {
      deadlines.closeSent();
      LockSupport.unpark(reader);
    }

    @Override
    public IOException broken(IOException e) {
      IOException explained = explained(e);
      fail(explained);
      return explained;
    }
  }
}
