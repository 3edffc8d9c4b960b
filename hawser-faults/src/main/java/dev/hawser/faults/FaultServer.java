package dev.hawser.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
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
  private final ServerSocket listener;
  private final @Nullable SSLContext tls;
  private final List<Script> scripts;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new ArrayList<>(); // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Received> requests = new ArrayList<>(); // guarded by lock
  private final List<Throwable> failures = new ArrayList<>(); // guarded by lock
  private int accepted; // guarded by lock

  private FaultServer(InetSocketAddress address, @Nullable SSLContext tls, List<Script> scripts) throws IOException {
    this.listener = new ServerSocket();
    this.tls = tls;
    this.scripts = scripts;
    listener.setReuseAddress(true);
    listener.bind(address, 1024);
    Thread.ofVirtual().name("fault-server").start(this::accept);
  }

  /** Starts a server on a free port of 127.0.0.1: the first connection gets the first script, and so on; the last repeats. */
  public static FaultServer start(Script... scripts) throws IOException {
    return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), scripts);
  }

  /** Starts a server on this address. */
  public static FaultServer start(InetSocketAddress address, Script... scripts) throws IOException {
    return new FaultServer(address, null, List.of(scripts));
  }

  /** Starts a server whose scripts are played within TLS. */
  public static FaultServer startTls(SSLContext tls, Script... scripts) throws IOException {
    return new FaultServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls, List.of(scripts));
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        open.add(socket);
        int number;
        lock.lock();
        try {
          number = ++accepted;
          Script script = scripts.get(Math.min(number, scripts.size()) - 1);
          threads.add(Thread.ofVirtual().name("fault-connection-" + number).start(() -> play(script, socket, number)));
          changed.signalAll();
        } finally {
          lock.unlock();
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void play(Script script, Socket socket, int number) {
    try (socket) {
      script.play(new Peer(this, tls == null ? socket : within(tls, socket), number));
    } catch (IOException e) {
      // The client has closed, or this server has.
    } catch (RuntimeException | Error e) {
      lock.lock();
      try {
        failures.add(e);
      } finally {
        lock.unlock();
      }
    } finally {
      open.remove(socket);
      signal();
    }
  }

  private static Socket within(SSLContext context, Socket socket) throws IOException {
    var secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
    secure.setUseClientMode(false);
    secure.startHandshake();
    return secure;
  }

  void received(Received request) {
    lock.lock();
    try {
      requests.add(request);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  CountDownLatch closing() {
    return closing;
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A URI of this server. */
  public URI uri(String path) {
    return URI.create((tls == null ? "http" : "https") + "://" + authority() + path);
  }

  /** Host and port. */
  public String authority() {
    return listener.getInetAddress().getHostAddress() + ":" + port();
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  /** How many connections were accepted. */
  public int connections() {
    lock.lock();
    try {
      return accepted;
    } finally {
      lock.unlock();
    }
  }

  /** How many connections this side has open. */
  public int open() {
    return open.size();
  }

  /** The requests read so far, in the order of their arrival. */
  public List<Received> requests() {
    lock.lock();
    try {
      return List.copyOf(requests);
    } finally {
      lock.unlock();
    }
  }

  /** What scripts threw, other than IOExceptions. */
  public List<Throwable> failures() {
    lock.lock();
    try {
      return List.copyOf(failures);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many connections were accepted; returns whether they were. */
  public boolean awaitConnections(int count, Duration patience) throws InterruptedException {
    return await(() -> accepted >= count, patience);
  }

  /** Waits until so many requests were read. */
  public boolean awaitRequests(int count, Duration patience) throws InterruptedException {
    return await(() -> requests.size() >= count, patience);
  }

  /** Waits until no connection is open on this side: all scripts have ended. */
  public boolean awaitAllClosed(Duration patience) throws InterruptedException {
    return await(open::isEmpty, patience);
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

  /** Takes no more connections, but keeps those it has. */
  public void stopListening() throws IOException {
    listener.close();
  }

  /** Closes everything, and waits for the scripts to end. */
  @Override
  public void close() throws IOException {
    listener.close();
    closing.countDown();
    for (Socket socket : open) {
      socket.close();
    }
    List<Thread> playing;
    lock.lock();
    try {
      playing = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : playing) {
      thread.interrupt();
      try {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
