package dev.hawser.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server that plays a {@link Script} on each connection, on a virtual thread of its own.
 *
 * {@snippet :
 * try (var server = FaultServer.start(peer -> {
 *   peer.readRequest();
 *   peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel");  // and closes
 * })) {
 *   client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
 * }
 * }
 */
public final class FaultServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ServerSocket listener;
  private final InetSocketAddress address;
  private final @Nullable Tls tls;
  private final List<Script> scripts;
  private final Thread acceptor;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock; changed is signalled after each change.
  private final Set<Socket> open = new HashSet<>();
  private final List<Thread> players = new ArrayList<>();
  private final List<Transcript> transcripts = new ArrayList<>();
  private final List<Received> requests = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();

  private FaultServer(Builder options, List<Script> scripts) throws IOException {
    this.tls = options.tls;
    this.scripts = scripts;
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    if (options.receiveBuffer > 0) {
      listener.setReceiveBufferSize(options.receiveBuffer);
    }
    listener.bind(options.address, 1024);
    this.address = (InetSocketAddress) listener.getLocalSocketAddress();
    this.acceptor = Thread.ofVirtual().name("fault-server").start(this::accept);
  }

  /**
   * Starts a server on a free port of 127.0.0.1: the first connection gets the first script, and so
   * on; the last repeats.
   */
  public static FaultServer start(Script... scripts) throws IOException {
    return builder().start(scripts);
  }

  /** Starts a server on this address. */
  public static FaultServer start(InetSocketAddress address, Script... scripts) throws IOException {
    return builder().address(address).start(scripts);
  }

  /** Starts a server whose scripts are played within TLS. */
  public static FaultServer startTls(SSLContext context, Script... scripts) throws IOException {
    return builder().tls(Tls.of(context)).start(scripts);
  }

  /** For what the others do not offer. */
  public static Builder builder() {
    return new Builder();
  }

  /** Options of a server. */
  public static final class Builder {
    private InetSocketAddress address = loopback(0);
    private @Nullable Tls tls;
    private int receiveBuffer;

    private Builder() {}

    /** Where to listen; port 0 is any free one. */
    public Builder address(InetSocketAddress address) {
      this.address = address;
      return this;
    }

    /** Listens on this port of 127.0.0.1, for example one that another server has left. */
    public Builder port(int port) {
      return address(loopback(port));
    }

    /** Plays all scripts within TLS. */
    public Builder tls(Tls tls) {
      this.tls = tls;
      return this;
    }

    /** Limits what the kernel takes on behalf of a script that does not read. */
    public Builder receiveBuffer(int bytes) {
      this.receiveBuffer = bytes;
      return this;
    }

    /** Starts the server: one script a connection, the last repeats. */
    public FaultServer start(Script... scripts) throws IOException {
      return new FaultServer(this, List.of(scripts));
    }

    private static InetSocketAddress loopback(int port) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        begin(socket);
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        failed(e);
      }
    }
  }

  private void begin(Socket socket) throws IOException {
    lock.lock();
    try {
      if (closing.getCount() == 0) {
        socket.close();
        return;
      }
      open.add(socket);
      int number = transcripts.size() + 1;
      var transcript = new Transcript(number);
      transcripts.add(transcript);
      Script script = scripts.get(Math.min(number, scripts.size()) - 1);
      players.add(
          Thread.ofVirtual()
              .name("fault-connection-" + number)
              .start(() -> play(script, socket, number, transcript)));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void play(Script script, Socket socket, int number, Transcript transcript) {
    try (socket) {
      var peer = new Peer(this, socket, number, transcript);
      act(script, peer, transcript);
      peer.close();
    } catch (IOException e) {
      transcript.happened(e.toString());
    } finally {
      closed(socket);
    }
  }

  /** A failure is known before the connection is closed: who sees the one can ask for the other. */
  private void act(Script script, Peer peer, Transcript transcript) {
    try {
      if (tls != null) {
        peer.startTls(tls);
      }
      script.play(peer);
    } catch (IOException e) {
      // The client has closed, or this server has.
      transcript.happened(e.toString());
    } catch (RuntimeException | Error e) {
      transcript.happened("failed: " + e);
      failed(e);
    }
  }

  // From the scripts

  void received(Received request) {
    change(() -> requests.add(request));
  }

  void closed(Socket socket) {
    change(() -> open.remove(socket));
  }

  private void failed(Throwable failure) {
    change(() -> failures.add(failure));
  }

  CountDownLatch closing() {
    return closing;
  }

  // What was seen

  /** A URI of this server. */
  public URI uri(String path) {
    return URI.create(origin() + path);
  }

  /** Scheme, host and port. */
  public String origin() {
    return (tls == null ? "http" : "https") + "://" + authority();
  }

  /** Host and port. */
  public String authority() {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
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
  public int connections() {
    return read(transcripts::size);
  }

  /** How many connections this side has open. */
  public int open() {
    return read(open::size);
  }

  /** The requests read so far, in the order of their arrival. */
  public List<Received> requests() {
    return read(() -> List.copyOf(requests));
  }

  /** What scripts threw, other than IOExceptions. */
  public List<Throwable> failures() {
    return read(() -> List.copyOf(failures));
  }

  /** What went over all connections, for the message of a failed test. */
  public String transcript() {
    return read(
        () -> transcripts.stream().map(Transcript::toString).collect(Collectors.joining("\n")));
  }

  /** What went over one connection, counted from 1. */
  public String transcript(int connection) {
    return read(() -> transcripts.get(connection - 1)).toString();
  }

  /** Waits until so many connections were accepted; returns whether they were. */
  public boolean awaitConnections(int count, Duration patience) throws InterruptedException {
    return await(() -> transcripts.size() >= count, patience);
  }

  /** Waits until so many requests were read. */
  public boolean awaitRequests(int count, Duration patience) throws InterruptedException {
    return await(() -> requests.size() >= count, patience);
  }

  /** Waits until no connection is open on this side. */
  public boolean awaitAllClosed(Duration patience) throws InterruptedException {
    return await(open::isEmpty, patience);
  }

  // Ending

  /** Takes no more connections, but keeps those it has. The port is free then. */
  public void stopListening() throws IOException {
    listener.close();
    try {
      acceptor.join(PATIENCE); // it holds the port until it has noticed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes the connections that are open now, as a server that restarts does. */
  public void closeConnections() throws IOException {
    for (Socket socket : read(() -> List.copyOf(open))) {
      socket.close();
    }
  }

  /** Resets the connections that are open now, as a machine that restarts does. */
  public void resetConnections() throws IOException {
    for (Socket socket : read(() -> List.copyOf(open))) {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
      }
      socket.close();
    }
  }

  /** Closes everything, and waits for the scripts to end. */
  @Override
  public void close() throws IOException {
    change(closing::countDown);
    stopListening();
    closeConnections();
    List<Thread> playing = read(() -> List.copyOf(players));
    playing.forEach(Thread::interrupt);
    try {
      for (Thread thread : playing) {
        if (!thread.join(PATIENCE)) {
          throw new IllegalStateException(thread.getName() + " did not end");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> T read(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
