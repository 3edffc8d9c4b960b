package dev.hawser.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server that behaves: a virtual thread a connection, keep-alive, and the paths that
 * {@link OriginRoutes} lists.
 *
 * {@snippet :
 * try (var origin = OriginServer.builder().idleTimeout(Duration.ofSeconds(5)).start()) {
 *   client.send(HttpRequest.newBuilder(origin.uri("/bytes/1000000")).build(), BodyHandlers.discarding());
 * }
 * }
 */
public final class OriginServer implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress address;
  private final @Nullable Tls tls;
  private final Duration idleTimeout;
  private final boolean announceIdleTimeout;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private final LongAdder requests = new LongAdder();
  private final Thread acceptor;

  private OriginServer(Builder options) throws IOException {
    this.tls = options.tls;
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

    /** Speaks TLS, and {@code http/1.1} to those who offer it by ALPN. */
    public Builder tls(SSLContext context) {
      return tls(
          Tls.of(context)
              .with(parameters -> parameters.setApplicationProtocols(new String[] {"http/1.1"})));
    }

    /** Speaks TLS as told. */
    public Builder tls(Tls tls) {
      this.tls = tls;
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

  /** Closes everything. */
  @Override
  public void close() throws IOException {
    closing.countDown();
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
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
