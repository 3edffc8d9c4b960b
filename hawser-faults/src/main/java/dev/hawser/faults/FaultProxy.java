package dev.hawser.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A bad wire in front of any port: bytes go through it late, slowly, in part or not at all. Each
 * fault can be switched at any time.
 *
 * {@snippet :
 * try (var proxy = FaultProxy.before(server.address())) {
 *   proxy.delay(Duration.ofMillis(40));
 *   client.send(…"http://127.0.0.1:" + proxy.port() + "/"…);
 *   proxy.unplug();              // silence, no FIN
 * }
 * }
 *
 * <p>What it cannot do: delay the TCP handshake, which the kernel answers.
 */
public final class FaultProxy implements AutoCloseable {
  private final InetSocketAddress target;
  private final InetSocketAddress address;
  private final Wire wire;
  private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final LongAdder up = new LongAdder();
  private final LongAdder down = new LongAdder();
  private @Nullable Listening listening; // guarded by this; null while port holds its place
  private @Nullable Ports port; // guarded by this; null while listening

  private record Listening(ServerSocket listener, Thread acceptor) {}

  private FaultProxy(InetSocketAddress address, InetSocketAddress target, long seed)
      throws IOException {
    this.target = target;
    this.wire = new Wire(seed);
    var first = bind(address);
    this.address = (InetSocketAddress) first.getLocalSocketAddress();
    start(first);
  }

  /** Starts a proxy on a free port of 127.0.0.1. */
  public static FaultProxy before(InetSocketAddress target) throws IOException {
    return before(target, 0);
  }

  /** Starts a proxy whose jitter comes from this seed. */
  public static FaultProxy before(InetSocketAddress target, long seed) throws IOException {
    return new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), target, seed);
  }

  // Faults

  /** Delays each direction by this. */
  public void delay(Duration eachWay) {
    delay(eachWay, eachWay);
  }

  /** Delays what goes to the server and what goes to the client. */
  public void delay(Duration up, Duration down) {
    wire.delay(up, down);
  }

  /** Delays by up to this more, at random; the order is kept. */
  public void jitter(Duration most) {
    wire.jitter(most);
  }

  /** Limits each direction of each connection; {@code Long.MAX_VALUE} is no limit. */
  public void throttle(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(bytesPerSecond + " bytes/s; see unplug()");
    }
    wire.throttle(bytesPerSecond);
  }

  /** Closes each connection, in order, after so many bytes to the client. */
  public void cutAfter(long bytes) {
    wire.cutAfter(bytes);
  }

  /** Holds back what comes after so many bytes to the client, for each connection. */
  public void holdAfter(long bytes) {
    wire.holdAfter(bytes);
  }

  /** Pulls the cable: nothing goes either way, no FIN, no RST, and connecting gets no answer. */
  public synchronized void unplug() throws IOException {
    wire.plug(false);
    stopListening();
    port = Ports.blackhole(address);
  }

  /** Refuses new connections; those that are open stay. */
  public synchronized void refuse() throws IOException {
    stopListening();
    port = Ports.refused(address);
  }

  /** Ends {@link #unplug} and {@link #refuse}: what was under way arrives. */
  public synchronized void restore() throws IOException {
    stopListening();
    start(bind(address));
    wire.plug(true);
  }

  /** Resets all open connections on both sides. */
  public void resetAll() {
    List.copyOf(links).forEach(ProxyLink::reset);
  }

  // What was seen

  /** Where to connect to. */
  public InetSocketAddress address() {
    return address;
  }

  /** The port to connect to. */
  public int port() {
    return address.getPort();
  }

  /** How many connections were accepted. */
  public int connections() {
    return accepted.get();
  }

  /** How many connections are open. */
  public int open() {
    return links.size();
  }

  /** How many bytes went to the server. */
  public long bytesUp() {
    return up.sum();
  }

  /** How many bytes went to the client. */
  public long bytesDown() {
    return down.sum();
  }

  /** Resets everything. */
  @Override
  public synchronized void close() throws IOException {
    wire.close();
    stopListening();
    resetAll();
  }

  private static ServerSocket bind(InetSocketAddress address) throws IOException {
    var listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(address, 1024);
    return listener;
  }

  private synchronized void start(ServerSocket bound) {
    Thread acceptor = Thread.ofVirtual().name("fault-proxy").start(() -> accept(bound));
    listening = new Listening(bound, acceptor);
  }

  private synchronized void stopListening() throws IOException {
    if (listening != null) {
      listening.listener().close();
      join(listening.acceptor()); // which holds the port until it has noticed
      listening = null;
    }
    if (port != null) {
      port.close();
      port = null;
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().name("fault-proxy-link").start(() -> forward(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void forward(Socket client) {
    var server = new Socket();
    var link = new ProxyLink(wire, client, server);
    links.add(link);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      wire.awaitTime(System.nanoTime());
      server.connect(target, 10_000);
      link.run(up, down);
    } catch (IOException | InterruptedException e) {
      link.reset();
    } finally {
      links.remove(link);
    }
  }
}
