package dev.hawser.http2;

import dev.hawser.Origin;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.wire.Exchange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One stream: what the reader brings, and whoever runs the exchange takes; and what the connection
 * knows of it.
 *
 * <pre>
 *          HEADERS sent                END_STREAM sent
 *   IDLE ───────────────▶ OPEN ───────────────────────────▶ HALF_CLOSED_LOCAL
 *     │                    │ END_STREAM received               │ END_STREAM received
 *     │                    ▼                                   ▼
 *     │            HALF_CLOSED_REMOTE ──END_STREAM sent──▶ CLOSED ◀── RST_STREAM either way, the
 *     └── cancelled before anything was sent ─────────────────▲       connection's end, from any
 * </pre>
 *
 * <p>One that is pushed begins as RESERVED_REMOTE by a PUSH_PROMISE, and is HALF_CLOSED_LOCAL from
 * its HEADERS on.
 */
final class Http2Stream {
  /** As RFC 9113 5.1 has it; nothing is ever reserved by us. */
  enum State {
    IDLE,
    RESERVED_REMOTE,
    OPEN,
    HALF_CLOSED_LOCAL,
    HALF_CLOSED_REMOTE,
    CLOSED;

    /** Whether we may send. */
    boolean sends() {
      return this == OPEN || this == HALF_CLOSED_REMOTE;
    }
  }

  /** Who takes what the server pushes with a response, and whose it has to be. */
  record PushTaker(Origin origin, Exchange.Progress progress) {
    static @Nullable PushTaker of(Origin origin, Exchange.Progress progress) {
      return progress.takesPushes() ? new PushTaker(origin, progress) : null;
    }
  }

  // Guarded by the connection's lock.
  @Nullable Http2Stream next; // in the table
  State state = State.IDLE;
  int sendWindow; // below 0 when settings have shrunk it
  long batch; // of its last frames
  int queued; // bytes of DATA in that batch
  boolean inLine; // of those that wait for room to send
  boolean unwanted; // the peer wants no more of the request's body
  @Nullable Thread sender; // parked until there is room to send

  private volatile int id; // written once, under the connection's lock; 0: not opened
  private volatile long firstBatch = Long.MAX_VALUE; // likewise: the one with its HEADERS

  // Set before it is opened.
  boolean toHead; // the response has no body, whatever it says
  @Nullable PushTaker pushTaker; // null: nobody takes pushes

  // Reader only.
  boolean stirred; // is on the list of those to be woken
  long received; // bytes of the body
  int interims;

  // Guarded by this.
  private @Nullable Http2Head head;
  private @Nullable FieldSection trailers;
  private @Nullable ArrayDeque<Integer> interim; // statuses not yet told
  private final ArrayDeque<ByteBuffer> body = new ArrayDeque<>(2);
  private boolean ended;
  private @Nullable IOException failure;
  private boolean expired;
  private @Nullable Thread waiter; // parked until something comes
  private @Nullable Runnable onClose;
  // What the peer was allowed to send is in one of these three, until it is told of `consumed`.
  private int window; // may still come
  private int unread; // is in the body
  private int consumed; // has been taken
  private int reserved; // of the client's memory, beyond the initial window

  private volatile long deadline = Ticker.NEVER; // by the exchange
  private volatile long firstByteAt; // by the reader

  private final Buffers buffers;

  Http2Stream(int window, Buffers buffers) {
    this.window = window;
    this.buffers = buffers;
  }

  int id() {
    return id;
  }

  /** Under the connection's lock: HEADERS have been added to a batch. */
  void opened(int newId, long inBatch) {
    id = newId;
    firstBatch = inBatch;
    batch = inBatch;
  }

  /** Whether the server has opened it. */
  boolean isPushed() {
    return id != 0 && (id & 1) == 0;
  }

  /** The batch with its first frame; Long.MAX_VALUE: there is none. */
  long firstBatch() {
    return firstBatch;
  }

  // ---- the reader's side

  /** A head has come; an interim one is passed on as its status. */
  void head(Http2Head newHead, long now) {
    synchronized (this) {
      firstByteAt = now; // of a final one in the end
      if (newHead.statusCode() >= 200) {
        head = newHead;
      } else {
        if (interim == null) {
          interim = new ArrayDeque<>(2);
        }
        interim.add(newHead.statusCode());
      }
    }
  }

  /** The final head, if it has come. */
  synchronized @Nullable Http2Head head() {
    return head;
  }

  /** A part of the body has come; false if that is more than the peer may send. */
  boolean data(@Nullable ByteBuffer part, int counted) {
    synchronized (this) {
      if (counted > window) {
        return false;
      }
      int kept = part == null || failure != null ? 0 : part.remaining();
      if (part != null && kept > 0) {
        body.add(part);
      }
      window -= counted;
      unread += kept;
      consumed += counted - kept; // padding
      return true;
    }
  }

  void end(@Nullable FieldSection newTrailers) {
    synchronized (this) {
      trailers = newTrailers;
      ended = true;
    }
  }

  /**
   * Wakes who waits; where nobody does, and there is nothing to be read but the end, tells that.
   */
  void wake() {
    Thread waiting;
    Runnable told = null;
    synchronized (this) {
      waiting = waiter;
      waiter = null;
      if (waiting == null && ended && body.isEmpty()) {
        told = onClose;
        onClose = null;
      }
    }
    LockSupport.unpark(waiting);
    if (told != null) {
      told.run();
    }
  }

  // ---- its end from elsewhere; any thread

  /** Nothing more comes, unless all has come already. */
  void fail(IOException reason) {
    Runnable told;
    synchronized (this) {
      if (ended || failure != null) {
        return;
      }
      failure = reason;
      told = onClose;
      onClose = null;
      release();
    }
    wake();
    if (told != null) {
      told.run();
    }
  }

  /** Fails it if its deadline has passed; whether that is so. */
  boolean expire(long now) {
    synchronized (this) {
      if (deadline > now || ended || failure != null) {
        return false;
      }
      expired = true;
    }
    fail(new IOException("a deadline passed"));
    return true;
  }

  synchronized boolean expired() {
    return expired;
  }

  synchronized boolean isOpen() {
    return failure == null;
  }

  void onClose(@Nullable Runnable action) {
    boolean already;
    synchronized (this) {
      already = failure != null || ended && body.isEmpty();
      onClose = already ? null : action;
    }
    if (already && action != null) {
      action.run();
    }
  }

  // ---- the exchange's side

  void deadline(long newDeadline) {
    deadline = newDeadline;
  }

  /** When it ends by itself; any thread. */
  long deadline() {
    return deadline;
  }

  long firstByteAt() {
    return firstByteAt;
  }

  /** Returns the final head, or null when an interim response is to be taken first. Blocks. */
  @Nullable Http2Head awaitHead() throws IOException {
    while (true) {
      synchronized (this) {
        if (interim != null && !interim.isEmpty()) {
          return null;
        }
        if (head != null) {
          return head;
        }
        if (failure != null) {
          throw failure;
        }
        waiter = Thread.currentThread();
      }
      park();
    }
  }

  /** The status of an interim response, after {@link #awaitHead} returned null. */
  synchronized int takeInterim() {
    return interim == null ? 0 : interim.remove();
  }

  /** Returns a part of the body, or null at its end. Blocks. */
  @Nullable ByteBuffer take() throws IOException {
    while (true) {
      synchronized (this) {
        ByteBuffer part = body.poll();
        if (part != null) {
          unread -= part.remaining();
          consumed += part.remaining();
          return part;
        }
        if (ended) {
          release();
          return null;
        }
        if (failure != null) {
          throw failure;
        }
        waiter = Thread.currentThread();
      }
      park();
    }
  }

  private void park() throws IOException {
    LockSupport.park(this);
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  /**
   * How much more the peer may be told to send, once that is worth a frame; 0: not now. It counts
   * as told.
   *
   * <p>Worth a frame is a quarter of the window: on a long path what is not told is not under way.
   * With half of it, and frames that do not divide that, half a window a round trip is all that
   * comes, and {@link WindowSizer} takes that for what the path can carry: 2.4 MB/s on a path of
   * 125 MB/s and 50 ms.
   *
   * @param target how large the window should be
   */
  int windowUpdate(int target) {
    synchronized (this) {
      int whole = window + unread + consumed;
      if (ended || failure != null || consumed < whole / 4) {
        return 0;
      }
      int growth = Math.max(0, target - whole);
      if (growth > 0) {
        try {
          buffers.reserve(growth);
          reserved += growth;
        } catch (Buffers.BudgetExceededException e) {
          growth = 0; // it stays as it is
        }
      }
      int increment = consumed + growth;
      window += increment;
      consumed = 0;
      return increment;
    }
  }

  /** Drops what nobody wants any more. */
  synchronized void drop() {
    body.clear();
    release();
  }

  /** Holds this' lock. */
  private void release() {
    if (reserved > 0) {
      buffers.unreserve(reserved);
      reserved = 0;
    }
  }

  synchronized boolean atEnd() {
    return ended && body.isEmpty();
  }

  synchronized boolean ready() {
    return ended || failure != null || !body.isEmpty();
  }

  synchronized boolean ended() {
    return ended;
  }

  synchronized @Nullable FieldSection trailers() {
    return ended ? trailers : null;
  }
}
