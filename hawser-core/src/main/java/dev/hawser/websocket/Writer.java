package dev.hawser.websocket;

import dev.hawser.websocket.Send.Control;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The output of a WebSocket. Whoever has something to send puts it in line and returns. A virtual
 * thread that is there as long as something is in line writes it, in turns: a turn gathers what is
 * in line into one write, and ends before its futures are completed, so that what is done then may
 * block and the next turn goes on beside it. The line is short by contract: one part of a message,
 * one ping or pong, one pong of our own, one Close.
 *
 * <pre>
 *          close, fail              the Close was written
 *   OPEN ───────────────▶ CLOSING ────────────────────────▶ CLOSED
 *     └──────────── a write failed, shut ─────────────────────▲
 * </pre>
 */
final class Writer {
  /** Is told what becomes of the output. */
  interface Owner {
    /** The WebSocket that futures are completed with. */
    WebSocket webSocket();

    /** A Close was sent. */
    void closeSent();

    /** A write failed; returns what to tell who waits for it. */
    IOException broken(IOException e);
  }

  private enum State {
    OPEN,
    CLOSING,
    CLOSED
  }

  private static final int GATHERED = 8; // in one turn, at most: a flood of pings must not hold it

  private final Outgoing out;
  private final @Nullable Deflation deflation;
  private final Owner owner;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final ArrayDeque<Send> line = new ArrayDeque<>();
  private State state = State.OPEN;
  private boolean turning; // a turn is under way: its thread alone uses what follows below
  private boolean dataPending; // given, and not copied
  private boolean controlPending; // of the user's
  private int partial; // opcode of the message whose last part has not been given; 0 for none

  private boolean continuing; // the turn's: a message's first frame has been written

  Writer(Outgoing out, @Nullable Deflate agreed, Owner owner) {
    this.out = out;
    this.deflation = agreed == null ? null : new Deflation(agreed);
    this.owner = owner;
  }

  /** Whether nothing more can be sent, but perhaps a Close that is in line. */
  boolean closed() {
    return read() != State.OPEN;
  }

  /** Whether nothing will be written any more. */
  boolean done() {
    return read() == State.CLOSED;
  }

  private State read() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts a user's message part, ping or pong in line.
   *
   * @return why it cannot be sent; null if it can
   */
  @Nullable Exception offer(Send send) {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return closedOutput();
      }
      if (send.control() ? controlPending : dataPending) {
        return new IllegalStateException(
            send.control()
                ? "the ping or pong sent before is pending"
                : "the text or binary data sent before is pending");
      }
      if (send.control()) {
        controlPending = true;
      } else {
        if (partial != 0 && partial != send.opcode()) {
          return new IllegalStateException(
              "the %s message sent before is not complete"
                  .formatted(partial == Opcode.TEXT ? "text" : "binary"));
        }
        partial = send.last() ? 0 : send.opcode();
        dataPending = true;
      }
      enter(send);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Puts the answer to a ping in line, in place of one to an earlier ping (RFC 6455 5.5.3). */
  void pong(ByteBuffer payload) {
    lock.lock();
    try {
      if (state == State.OPEN) {
        line.removeIf(send -> send.control() && send.future() == null);
        enter(new Control(Opcode.PONG, payload, null));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Puts a Close in line; false if there is or was one. */
  boolean close(Control close) {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return false;
      }
      state = State.CLOSING;
      enter(close);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The next thing to be sent is this Close, unless there is or was one; the rest fails. */
  void fail(Control close, IOException why) {
    List<Send> dropped;
    lock.lock();
    try {
      if (state != State.OPEN) {
        return;
      }
      dropped = List.copyOf(line);
      line.clear();
      state = State.CLOSING;
      enter(close);
    } finally {
      lock.unlock();
    }
    complete(dropped, why);
  }

  /** Nothing is sent any more; what is in line fails. */
  void shut(IOException why) {
    List<Send> dropped;
    lock.lock();
    try {
      state = State.CLOSED;
      dropped = List.copyOf(line);
      line.clear();
      if (!turning) {
        release();
      }
    } finally {
      lock.unlock();
    }
    complete(dropped, why);
  }

  /** Under the lock. */
  private void enter(Send send) {
    line.add(send);
    if (!turning) {
      turning = true;
      startTurn();
    }
  }

  private void startTurn() {
    Thread.ofVirtual().name("hawser-websocket-send").start(this::turn);
  }

  // ---- a turn

  private void turn() {
    List<Send> taken = new ArrayList<>(GATHERED);
    IOException failure = null;
    try {
      for (Send send = take(taken); send != null; send = take(taken)) {
        write(send, taken);
      }
      copied(taken);
      out.flush();
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException | Error e) { // a user's CharSequence or ByteBuffer may throw
      failure = new IOException("the data to send could not be read", e);
    }
    end(taken, failure);
  }

  /** The first in line, or the next if it can be gathered with those taken already. */
  private @Nullable Send take(List<Send> taken) {
    lock.lock();
    try {
      Send first = line.peek();
      boolean suits =
          first != null && (taken.isEmpty() || taken.size() < GATHERED && out.fits(first.size()));
      if (suits) {
        taken.add(line.remove());
      }
      return suits ? first : null;
    } finally {
      lock.unlock();
    }
  }

  private void write(Send send, List<Send> taken) throws IOException {
    if (send.control()) {
      out.frame(send.opcode(), true, false, send.next());
      return;
    }
    while (true) {
      ByteBuffer fragment = send.next();
      boolean more = send.size() > 0;
      boolean last = send.last() && !more;
      if (deflation == null) {
        dataFrame(send, fragment, last);
      } else {
        deflation.compress(fragment, last, (payload, end) -> dataFrame(send, payload, end));
      }
      if (!more) {
        return;
      }
      for (Send control : takeControls()) {
        taken.add(control);
        write(control, taken);
      }
    }
  }

  private void dataFrame(Send send, ByteBuffer payload, boolean last) throws IOException {
    int opcode = continuing ? Opcode.CONTINUATION : send.opcode();
    out.frame(opcode, last, deflation != null && !continuing, payload);
    continuing = !last;
  }

  /** What may go between the fragments of a message: pings and pongs, but no Close. */
  private List<Send> takeControls() {
    lock.lock();
    try {
      List<Send> controls =
          line.stream().filter(send -> send.control() && send.opcode() != Opcode.CLOSE).toList();
      line.removeAll(controls);
      return controls;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was given has been copied, and the next may come: an answer can be here before the write
   * that asked for it has returned, and whoever answers that must not find a send pending.
   */
  private void copied(List<Send> taken) {
    lock.lock();
    try {
      for (Send send : taken) {
        dataPending &= send.control();
        controlPending &= !send.control() || send.future() == null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(List<Send> taken, @Nullable IOException failure) {
    boolean closeSent = taken.stream().anyMatch(send -> send.opcode() == Opcode.CLOSE);
    lock.lock();
    try {
      if (failure != null || closeSent) {
        state = State.CLOSED;
        taken.addAll(line);
        line.clear();
      }
      turning = !line.isEmpty();
      if (turning) {
        startTurn();
      } else {
        release();
      }
    } finally {
      lock.unlock();
    }
    if (failure == null && closeSent) {
      owner.closeSent();
    }
    complete(taken, failure == null ? null : owner.broken(failure));
  }

  /** Under the lock, between turns. */
  private void release() {
    out.release();
    if (deflation != null && state == State.CLOSED) {
      deflation.end();
    }
  }

  private void complete(List<Send> sends, @Nullable IOException failure) {
    for (Send send : sends) {
      SendFuture<WebSocket> future = send.future();
      if (future != null) {
        future.finish(owner.webSocket(), failure);
      }
    }
  }

  static IOException closedOutput() {
    return new IOException("the WebSocket's output is closed");
  }
}
