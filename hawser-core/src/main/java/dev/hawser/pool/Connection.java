package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.Origin;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection. Its state changes only under the pool's lock:
 *
 * <pre>
 *            lease            release
 *   IDLE ───────────▶ LEASED ─────────▶ IDLE
 *    │ ▲                 │
 *    │ └── alive ── CHECKED (by the sweep, off the lock: neither leased nor closed by others meanwhile)
 *    ▼                   ▼
 *   CLOSED ◀─────────────┘
 * </pre>
 */
public final class Connection {
  enum State {
    IDLE,
    CHECKED,
    LEASED,
    CLOSED
  }

  final HostPool host;
  final Connected connected;
  final Attempt attempt;
  private final long id;
  private final long openedAt;
  private final Ticker ticker;

  // All below: guarded by the pool's lock.
  State state = State.LEASED;
  long expiresAt; // maximum age, jittered
  @Nullable CloseReason retired; // takes no other exchange, and why
  boolean rested; // has been idle
  long idleSince;
  @Nullable Connection older; // in the host's idle list
  @Nullable Connection newer;

  // Written by the exchange that has leased the connection.
  private volatile long exchanges;
  private volatile long idleHint = Ticker.NEVER;

  Connection(
      long id, HostPool host, Connected connected, Attempt attempt, long expiresAt, Ticker ticker) {
    this.id = id;
    this.host = host;
    this.connected = connected;
    this.attempt = attempt;
    this.expiresAt = expiresAt;
    this.ticker = ticker;
    this.openedAt = ticker.nanos();
  }

  /** The bytes. */
  public Transport transport() {
    return connected.transport();
  }

  /** How it was made; its times belong to the exchange that is its first. */
  public Attempt attempt() {
    return attempt;
  }

  /** The TLS session, if there is one. */
  public @Nullable SSLSession session() {
    return connected.session();
  }

  /** Unique within the client, counted from 1. */
  public long id() {
    return id;
  }

  /** Whom it was opened for. */
  public Origin origin() {
    return host.origin;
  }

  /** Whom it goes to. */
  InetAddress address() {
    return transport().remoteAddress().getAddress();
  }

  /** Counts an exchange that begins; returns whether the connection had carried one before. */
  public boolean begin() {
    long before = exchanges; // only the lease's holder writes it
    exchanges = before + 1;
    return before > 0;
  }

  /** Whether it has carried an exchange. */
  public boolean used() {
    return exchanges > 0;
  }

  /**
   * Whether the server may have closed it before this lease: it has been idle, or has carried an
   * exchange.
   */
  public boolean mayBeStale() {
    return rested || exchanges > 1;
  }

  /** Notes the server's {@code Keep-Alive: timeout}. */
  public void idleHint(long nanos) {
    idleHint = nanos;
  }

  long idleHint() {
    return idleHint;
  }

  /** How many exchanges it has carried, the present one included. */
  public long exchanges() {
    return exchanges;
  }

  /** As it is now. */
  public ConnectionInfo info() {
    return info(ticker.nanos(), exchanges);
  }

  /** As it was at {@code instant}, when it carried its exchange number {@code exchange}. */
  public ConnectionInfo info(long instant, long exchange) {
    return new ConnectionInfo(
        id,
        host.origin,
        transport().localAddress(),
        transport().remoteAddress(),
        HttpClient.Version.HTTP_1_1,
        Duration.ofNanos(instant - openedAt),
        exchange,
        Optional.ofNullable(connected.tls()));
  }
}
