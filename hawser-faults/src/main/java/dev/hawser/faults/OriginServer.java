package dev.hawser.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server that behaves: HTTP/1.1 with a virtual thread a connection and keep-alive, HTTP/2 if it
 * is told to, and the paths that {@link OriginRoutes} lists.
 *
 * {@snippet :
 * try (var origin = OriginServer.builder().idleTimeout(Duration.ofSeconds(5)).start()) {
 *   client.send(HttpRequest.newBuilder(origin.uri("/bytes/1000000")).build(), BodyHandlers.discarding());
 * }
 * }
 *
 * Over HTTP/2 it counts streams, keeps what a client did that is forbidden, ends gracefully while
 * requests are under way, and misbehaves with single requests:
 *
 * {@snippet :
 * try (var origin = OriginServer.builder()
 *     .tls(identity.serverContext())
 *     .http2(Http2Settings.none().maxConcurrentStreams(10))
 *     .start()) {
 *   origin.onHttp2(exchange -> exchange.padding(100).answer());
 *   // … load …
 *   origin.goAway();
 *   // … more load …
 *   assertThat(origin.violations()).isEmpty();
 *   assertThat(origin.streamsAtOnce()).isLessThanOrEqualTo(10);
 * }
 * }
 */
public final class OriginServer implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress address;
  private final @Nullable Tls tls;
  private final Duration idleTimeout;
  private final boolean announceIdleTimeout;
  private final @Nullable Http2Settings http2;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private final LongAdder requests = new LongAdder();
  private final Queue<Http2OriginConnection> http2Connections = new ConcurrentLinkedQueue<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final LongAccumulator streamsAtOnce = new LongAccumulator(Math::max, 0);

  /** Written by the test. */
  private volatile Http2Exchange.Behaviour behaviour = Http2Exchange::answer;

  private final Thread acceptor;

  private OriginServer(Builder options) throws IOException {
    this.tls = options.effectiveTls();
    this.http2 = options.http2;
    this.idleTimeout = options.idleTimeout;
    this.announceIdleTimeout = options.announceIdleTimeout;
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(options.address, 4096);
    this.address = (InetSocketAddress) listener.getLocalSocketAddress();
    this.acceptor = Thread.ofVirtual().name("origin").start(this::accept);
  }

  /** Starts a server on a free port of 127.0.0.1. */
  public static OriginServer start() throws IOException {
    return builder().start();
  }

  /** For another address, TLS, an idle timeout. */
  public static Builder builder() {
    return new Builder();
  }

  /** Options of a server. */
  public static final class Builder {
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private @Nullable Tls tls;
    private Duration idleTimeout = Duration.ZERO;
    private boolean announceIdleTimeout;
    private boolean alpnAsSpoken;
    private @Nullable Http2Settings http2;

    private Builder() {}

    /** Where to listen; port 0 is any free one. */
    public Builder address(InetSocketAddress address) {
      this.address = address;
      return this;
    }

    /** Listens on this port of 127.0.0.1. */
    public Builder port(int port) {
      return address(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Speaks TLS, and what it speaks to those who offer it by ALPN. */
    public Builder tls(SSLContext context) {
      this.alpnAsSpoken = true;
      this.tls = Tls.of(context);
      return this;
    }

    /** Speaks TLS as told. */
    public Builder tls(Tls tls) {
      this.alpnAsSpoken = false;
      this.tls = tls;
      return this;
    }

    private @Nullable Tls effectiveTls() {
      String[] protocols =
          http2 == null ? new String[] {"http/1.1"} : new String[] {"h2", "http/1.1"};
      return tls != null && alpnAsSpoken
          ? tls.with(parameters -> parameters.setApplicationProtocols(protocols))
          : tls;
    }

    /** Speaks HTTP/2 too, with up to 128 streams at once. */
    public Builder http2() {
      return http2(Http2Settings.none().maxConcurrentStreams(128));
    }

    /**
     * Speaks HTTP/2 too: to those who know, who ask by {@code Upgrade: h2c}, or who choose it by
     * ALPN. To make it smaller, and to the letter, change the settings.
     */
    public Builder http2(Http2Settings settings) {
      this.http2 = settings;
      return this;
    }

    /** Closes connections that were idle for so long; zero, the default, is never. */
    public Builder idleTimeout(Duration timeout) {
      this.idleTimeout = timeout;
      return this;
    }

    /** Says so in each answer: {@code Keep-Alive: timeout=5}. */
    public Builder announceIdleTimeout() {
      this.announceIdleTimeout = true;
      return this;
    }

    /** Starts the server. */
    public OriginServer start() throws IOException {
      return new OriginServer(this);
    }
  }

  private void accept() {
    try {
      for (long number = 1; true; number++) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        accepted.set(number);
        open.add(socket);
        Thread.ofVirtual().name("origin-", number).start(() -> serve(socket));
      }
    } catch (IOException e) {
      if (closing.getCount() > 0) {
        throw new IllegalStateException("the origin server stopped accepting", e);
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      if (closing.getCount() == 0) {
        return;
      }
      socket.setSoTimeout((int) idleTimeout.toMillis());
      try (var stream = tls == null ? socket : tls.accept(socket, new byte[0])) {
        new OriginConnection(this, stream).serve();
      }
    } catch (IOException e) {
      // The client has gone or was idle for too long, or this server is closing.
    } finally {
      open.remove(socket);
    }
  }

  /** The value of the header that announces the idle timeout; empty when it is not announced. */
  String keepAlive() {
    return announceIdleTimeout ? "timeout=" + idleTimeout.toSeconds() : "";
  }

  CountDownLatch closing() {
    return closing;
  }

  void countRequest() {
    requests.increment();
  }

  @Nullable Http2Settings http2() {
    return http2;
  }

  Http2Exchange.Behaviour behaviour() {
    return behaviour;
  }

  void began(Http2OriginConnection connection) {
    http2Connections.add(connection);
  }

  void streamsAtOnce(int streams) {
    streamsAtOnce.accumulate(streams);
  }

  void violated(Http2Violation violation) {
    violations.add(String.valueOf(violation.getMessage()));
  }

  /** Does this with requests over HTTP/2 from now on, in place of {@link Http2Exchange#answer}. */
  public void onHttp2(Http2Exchange.Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  /** A URI of this server. */
  public URI uri(String pathAndQuery) {
    return URI.create(origin() + pathAndQuery);
  }

  /** Scheme, host and port. */
  public String origin() {
    String host = address.getAddress().getHostAddress();
    return (tls == null ? "http://" : "https://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** The port it listens on. */
  public int port() {
    return address.getPort();
  }

  /** How many connections were accepted. */
  public long connections() {
    return accepted.get();
  }

  /** How many connections are open. */
  public int open() {
    return open.size();
  }

  /** How many requests were read. */
  public long requests() {
    return requests.sum();
  }

  /** How many streams of one HTTP/2 connection were open at once, at most. */
  public long streamsAtOnce() {
    return streamsAtOnce.get();
  }

  /** How many requests came on each HTTP/2 connection, in the order of the connections. */
  public List<Long> requestsPerConnection() {
    return http2Connections.stream().map(Http2OriginConnection::requests).toList();
  }

  /** What clients did over HTTP/2 that is forbidden; each has ended its connection. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /**
   * Lets the HTTP/2 connections that are open now end (RFC 9113 6.8): says that they do, answers
   * what was sent until the client knows, and closes.
   */
  public void goAway() {
    for (Http2OriginConnection connection : http2Connections) {
      try {
        connection.goAway();
      } catch (IOException e) {
        // It has ended already.
      }
    }
  }

  /** Closes the connections that are open now, without a word. */
  public void closeConnections() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Resets the connections that are open now. */
  public void resetConnections() throws IOException {
    for (Socket socket : open) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  /** Closes everything. */
  @Override
  public void close() throws IOException {
    closing.countDown();
    listener.close();
    closeConnections();
    try {
      acceptor.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs a server as a process of its own, prints its port, and serves until it is killed. */
  public static void main(String[] arguments) throws Exception {
    OriginMain.run(arguments);
  }
}
