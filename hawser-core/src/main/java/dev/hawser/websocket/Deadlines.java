package dev.hawser.websocket;

import dev.hawser.WebSocketOptions;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/**
 * When a WebSocket is given up: its transport has one deadline, and reader and writer have reasons
 * of their own. Any thread.
 */
final class Deadlines {
  /** Time for the peer to close TCP after both Close messages (RFC 6455 7.1.1), or to read ours. */
  private static final long LINGER = 1_000_000_000;

  private final Transport transport;
  private final WebSocketOptions options;
  private final Ticker ticker;
  private final boolean limited; // an idle time is set

  // Guarded by this object's monitor.
  private long sending = Ticker.NEVER;
  private long receiving = Ticker.NEVER;
  private Ending ending = Ending.OPEN;

  private enum Ending {
    OPEN,
    CLOSE_SENT,
    LINGERING
  }

  Deadlines(Transport transport, WebSocketOptions options, Ticker ticker) {
    this.transport = transport;
    this.options = options;
    this.ticker = ticker;
    this.limited = options.idleTimeout().isPositive();
  }

  /** A write begins. */
  synchronized void writing() {
    sending = after(options.sendTimeout());
    apply();
  }

  /** A write has ended. */
  synchronized void written() {
    if (!transport.expired()) { // or it is what must be told
      sending = Ticker.NEVER;
      apply();
    }
  }

  /** A read begins. */
  synchronized void reading() {
    if (ending == Ending.CLOSE_SENT) {
      receiving = after(options.closeTimeout());
      apply();
    } else if (ending == Ending.OPEN && limited) {
      receiving = after(options.idleTimeout());
      apply();
    }
  }

  /** The listener wants nothing for now: a quiet peer is none of its own making. */
  synchronized void paused() {
    if (ending == Ending.OPEN && limited) {
      receiving = Ticker.NEVER;
      apply();
    }
  }

  /** Our Close has been sent. */
  synchronized void closeSent() {
    if (ending == Ending.OPEN) {
      ending = Ending.CLOSE_SENT;
      receiving = after(options.closeTimeout());
      apply();
    }
  }

  /** The WebSocket is closed, and only TCP is not. */
  synchronized void lingering() {
    ending = Ending.LINGERING;
    receiving = Ticker.after(ticker.nanos(), LINGER);
    apply();
  }

  /** Says which deadline it was, after the transport has expired. */
  synchronized IOException passed() {
    boolean receives = ending != Ending.OPEN || limited;
    if (!receives || sending < receiving) { // the earlier one was the transport's
      return timeout(
          "the server has accepted nothing", options.sendTimeout(), "webSocket.sendTimeout");
    }
    return ending == Ending.OPEN
        ? timeout("nothing has come", options.idleTimeout(), "webSocket.idleTimeout")
        : timeout(
            "nothing has come after our Close, not even the server's",
            options.closeTimeout(),
            "webSocket.closeTimeout");
  }

  private static IOException timeout(String problem, Duration within, String option) {
    return new HttpTimeoutException(
        "%s for %d ms (%s) while the WebSocket was open"
            .formatted(problem, within.toMillis(), option));
  }

  private long after(Duration time) {
    return Ticker.after(ticker.nanos(), time);
  }

  private void apply() {
    transport.deadline(Math.min(sending, receiving));
  }
}
