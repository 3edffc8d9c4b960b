package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.Origin;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Endpoint;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.wire.Multiplexed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection, which carries one exchange at a time or, multiplexed, several. Its state
 * changes only under the pool's lock:
 *
 * <pre>
 *            lease            release (of the last of its streams)
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

  private static final VarHandle EXCHANGES;

  static {
    try {
      EXCHANGES = MethodHandles.lookup().findVarHandle(Connection.class, "exchanges", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final HostPool host;
  final Connected connected;
  final Attempt attempt;
  private final long id;
  private final long openedAt;
  private final Ticker ticker;

  // All below: guarded by the pool's lock.
  State state = State.LEASED;
  @Nullable Multiplexed multiplexed; // whoever holds a lease may read it
  int leases; // 0 or 1; of a multiplexed one its streams
  int limit = 1; // of them; may be lowered below what is in use
  long expiresAt; // maximum age, jittered
  @Nullable CloseReason retired; // takes no other exchange, and why
  long idleSince;
  long leasedAt;
  @Nullable Connection older; // in the host's idle list
  @Nullable Connection newer;

  private volatile long exchanges; // counted by those who begin them
  private volatile long idleHint // by the exchange that has leased it
      = Ticker.NEVER;

  Connection(
      long id, HostPool host, Connected connected, Attempt attempt, long expiresAt, Ticker ticker) {
    this.id = id;
    this.host = host;
    this.connected = connected;
    this.attempt = attempt;
    this.expiresAt = expiresAt;
    this.ticker = ticker;
    this.openedAt = ticker.nanos();
    this.multiplexed = connected.multiplexed();
  }

  /** The bytes. */
  public Transport transport() {
    return connected.transport();
  }

  /** How it was made; its times belong to the exchange that is its first. */
  public Attempt attempt() {
    return attempt;
  }

  /** What wants to know how exchanges over it end; null: nobody. */
  public @Nullable Endpoint endpoint() {
    return connected.endpoint();
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

  /** Whether it carries several exchanges at once. */
  public boolean isMultiplexed() {
    return multiplexed != null;
  }

  /** What makes its exchanges, if it carries several at once; for who has leased it. */
  public @Nullable Multiplexed multiplexed() {
    return multiplexed;
  }

  /** Whether it can be leased once more, as far as its limit goes. */
  boolean hasRoom() {
    return leases < limit;
  }

  /** Counts an exchange that begins; returns which of the connection's it is, from 1. */
  public long begin() {
    return (long) EXCHANGES.getAndAdd(this, 1L) + 1;
  }

  /** Whether it has carried an exchange. */
  public boolean used() {
    return exchanges > 0;
  }

  /** Notes the server's {@code Keep-Alive: timeout}. */
  public void idleHint(long nanos) {
    idleHint = nanos;
  }

  long idleHint() {
    return idleHint;
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
        host.target.via() != null,
        isMultiplexed() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1,
        Duration.ofNanos(instant - openedAt),
        exchange,
        Optional.ofNullable(connected.tls()));
  }
}
