package dev.hawser.exchange;

import dev.hawser.WebSocketOptions;
import dev.hawser.connect.Connector;
import dev.hawser.io.Buffers;
import dev.hawser.io.Watchdog;
import dev.hawser.websocket.OpenWebSocket;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client's WebSockets: what they are made with, and which there are. They are outside the pool
 * and its limits: a connection that stays with its owner for hours is none to share, and must not
 * take a place from requests. For the life of the client each is a call under way until it is
 * closed.
 */
final class WebSockets {
  private final WebSocketOptions options;
  private final Connector connector;
  private final Buffers buffers;
  private final Watchdog watchdog;
  private final @Nullable Executor executor;
  private final RandomGenerator random = new SecureRandom();
  private final Set<WebSocketOpening> openings = ConcurrentHashMap.newKeySet();
  private final Set<OpenWebSocket> open = ConcurrentHashMap.newKeySet();

  WebSockets(
      WebSocketOptions options,
      Connector connector,
      Buffers buffers,
      Watchdog watchdog,
      @Nullable Executor executor) {
    this.options = options;
    this.connector = connector;
    this.buffers = buffers;
    this.watchdog = watchdog;
    this.executor = executor;
  }

  WebSocketOptions options() {
    return options;
  }

  Connector connector() {
    return connector;
  }

  Buffers buffers() {
    return buffers;
  }

  /** On which listeners are called and futures completed; null for none. */
  @Nullable Executor executor() {
    return executor;
  }

  /** A strong source. */
  RandomGenerator random() {
    return random;
  }

  /** From here on the client's end is this one's, and its time-out is watched. */
  void add(WebSocketOpening opening) {
    openings.add(opening);
    watchdog.add(opening);
    watchdog.noticed(opening.deadline());
  }

  void remove(WebSocketOpening opening) {
    watchdog.remove(opening);
    openings.remove(opening);
  }

  void add(OpenWebSocket webSocket) {
    open.add(webSocket);
  }

  void remove(OpenWebSocket webSocket) {
    open.remove(webSocket);
  }

  /** How many are open. */
  int count() {
    return open.size();
  }

  /** Ends them all. */
  void close() {
    openings.forEach(WebSocketOpening::clientClosed);
    open.forEach(one -> one.fail(Client.closed()));
  }
}
