package dev.hawser.lab.experiment;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Tls;
import dev.hawser.lab.child.Call;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server that answers everything with a 200, says in each answer who it is and on which of its
 * connections, and counts. It can close idle connections, fall silent, and let handshakes hang.
 *
 * {@snippet :
 * LabServer server = trial.keep(LabServer.named("shop").tls(trial.tls()).delay(ofMillis(20)).start());
 * }
 */
final class LabServer implements AutoCloseable {
  private static final String SMALL = "/small";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Builder options;
  private final FaultServer server;
  private final byte[] body;
  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger sending = new AtomicInteger();
  private final Map<Integer, Long> closings = new ConcurrentHashMap<>();
  private volatile long lastRequest = Long.MIN_VALUE; // by any connection: within microseconds
  private volatile boolean silent; // by the experiment
  private volatile boolean stalls; // by the experiment

  /** What it is to be like. */
  static final class Builder {
    private final String name;
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private @Nullable Tls tls;
    private Duration delay = Duration.ZERO;
    private Duration idle = Duration.ZERO;
    private Duration opening = Duration.ZERO;
    private boolean tellsArrivals;
    private boolean closing;
    private int bytes = 64;

    private Builder(String name) {
      this.name = name;
    }

    /** On this loopback address, at this port, or any if it is 0. */
    Builder at(String loopback, int port) {
      address = new InetSocketAddress(InetAddress.ofLiteral(loopback), port);
      return this;
    }

    /** Speaks TLS. */
    Builder tls(Tls how) {
      tls = how;
      return this;
    }

    /** Answers after so long. */
    Builder delay(Duration time) {
      delay = time;
      return this;
    }

    /**
     * Reads nothing from a connection before it is so old: what handshakes over a distance take,
     * without the CPU that they take.
     */
    Builder openingTakes(Duration time) {
      opening = time;
      return this;
    }

    /** Says in each answer when the request came, too: see {@link #arrival}. */
    Builder tellingArrivals() {
      tellsArrivals = true;
      return this;
    }

    /** Closes connections that were idle for so long. */
    Builder closingIdle(Duration time) {
      idle = time;
      return this;
    }

    /** Keeps no connection: each answer says that it is the last. */
    Builder closing() {
      closing = true;
      return this;
    }

    /** The length of the body. */
    Builder bytes(int count) {
      bytes = count;
      return this;
    }

    LabServer start() throws IOException {
      return new LabServer(this);
    }
  }

  static Builder named(String name) {
    return new Builder(name);
  }

  private LabServer(Builder options) throws IOException {
    this.options = options;
    this.body = "x".repeat(options.bytes).getBytes(StandardCharsets.US_ASCII);
    this.server = FaultServer.start(options.address, this::serve);
  }

  private void serve(Peer peer) throws IOException {
    Tls tls = options.tls;
    if (stalls) {
      peer.stall();
    }
    if (options.opening.isPositive()) {
      peer.pause(options.opening);
    }
    if (tls != null) {
      shakeHands(peer, tls);
    }
    while (comes(peer)) {
      boolean small = peer.readRequest().target().equals(SMALL);
      requests.incrementAndGet();
      long arrived = System.nanoTime();
      lastRequest = arrived;
      if (silent) {
        peer.stall();
      }
      if (options.delay.isPositive()) {
        peer.pause(options.delay);
      }
      sending.incrementAndGet();
      try {
        send(peer, small ? new byte[1] : body, arrived);
      } finally {
        sending.decrementAndGet();
      }
      if (options.closing) {
        return;
      }
    }
    closings.put(peer.number(), System.nanoTime());
  }

  /** A session is as old as the full handshake that made it. */
  private void shakeHands(Peer peer, Tls tls) throws IOException {
    boolean spoke = peer.somethingComes(PATIENCE);
    long hello = spoke ? System.currentTimeMillis() : Long.MIN_VALUE;
    peer.startTls(tls);
    handshakes.incrementAndGet();
    if (peer.tls().getSession().getCreationTime() < hello) {
      resumed.incrementAndGet();
    }
  }

  private boolean comes(Peer peer) throws IOException {
    return options.idle.isZero() || peer.somethingComes(options.idle);
  }

  private void send(Peer peer, byte[] content, long arrived) throws IOException {
    String name = options.tellsArrivals ? options.name + "@" + arrived : options.name;
    peer.send(
        "HTTP/1.1 200 OK\r\nX-Lab: %s/%d\r\n%sContent-Length: %d\r\n\r\n"
            .formatted(
                name,
                peer.number(),
                options.closing ? "Connection: close\r\n" : "",
                content.length));
    peer.send(content);
  }

  /** When the request of this call came, as of {@link System#nanoTime()}, if it was answered. */
  static long arrival(Call answered) {
    String server = answered.serverName();
    return Long.parseLong(server.substring(server.indexOf('@') + 1));
  }

  /** From now on, or no longer: takes requests and does not answer. */
  void silent(boolean now) {
    silent = now;
  }

  /** From now on, or no longer: takes new connections and says nothing, not even in TLS. */
  void stallHandshakes(boolean now) {
    stalls = now;
  }

  /** Where the body is one byte, whatever the length of others. */
  URI small() {
    return uri().resolve(SMALL);
  }

  /** Closes the connections that are open now, as a server that restarts does. */
  void closeConnections() throws IOException {
    server.closeConnections();
  }

  URI uri() {
    return uri(server.address().getAddress().getHostAddress());
  }

  /** By another name. */
  URI uri(String host) {
    return URI.create((options.tls == null ? "http://" : "https://") + host + ":" + port() + "/");
  }

  int port() {
    return server.port();
  }

  /** How many connections were accepted. */
  int connections() {
    return server.connections();
  }

  /** How many connections are open. */
  int open() {
    return server.open();
  }

  /** How many handshakes were completed. */
  int handshakes() {
    return handshakes.get();
  }

  /** How many of them resumed a session. */
  int resumed() {
    return resumed.get();
  }

  /** How many requests came. */
  int requests() {
    return requests.get();
  }

  /**
   * How many answers are under way: sent in part, and no further while the client does not read.
   */
  int sending() {
    return sending.get();
  }

  /** When the last request came, as of {@link System#nanoTime()}. */
  OptionalLong lastRequest() {
    return requests.get() == 0 ? OptionalLong.empty() : OptionalLong.of(lastRequest);
  }

  /** When it closed this connection, because it was idle. */
  OptionalLong closed(int connection) {
    Long at = closings.get(connection);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
