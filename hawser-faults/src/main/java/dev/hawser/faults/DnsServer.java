package dev.hawser.faults;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * A DNS server over UDP, TCP and, if wanted, TLS, whose records and faults change while it runs.
 *
 * {@snippet :
 * try (var dns = DnsServer.start()) {
 *   dns.set("a.test", Type.A, 2, "127.0.0.2");
 *   dns.on("b.test", query -> query.refuse(Rcode.SERVFAIL));
 *   dns.on("silent.test", query -> {});
 * }
 * }
 *
 * <p>Each query is answered on a virtual thread of its own, so that a {@link Behaviour} may wait.
 * {@link DnsFaults} has behaviours ready for use, {@link DohServer} is for DNS over HTTPS.
 */
public final class DnsServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What to do with a query. */
  @FunctionalInterface
  public interface Behaviour {
    /**
     * Answers it, or does not. A SocketException or SSLException means that the client has gone,
     * and ends it quietly.
     */
    void on(DnsQuery query) throws Exception;
  }

  /** One query as it came; the name in lower case. */
  public record Seen(String name, int type, boolean stream, boolean edns) {}

  private final InetAddress address;
  private final int port;
  private final int tlsPort;
  private final @Nullable SSLContext tls;
  private final DnsZone zone = new DnsZone();
  private final Map<DnsZone.Key, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Behaviour otherwise = DnsQuery::answer;

  // While it is up. Used by the test's thread only.
  private final List<Listening> listening = new ArrayList<>();
  private @Nullable Listening tcp;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock; changed is signalled after each change.
  private final List<Seen> seen = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private int working; // threads with a query
  private int answering; // queries without an answer
  private int mostAnswering;
  private boolean held;

  private DnsServer(InetAddress address, int port, @Nullable SSLContext tls) throws IOException {
    this.address = address;
    this.tls = tls;
    this.port = port;
    this.tlsPort = tls == null ? 0 : free(address);
    up();
  }

  private static int free(InetAddress address) throws IOException {
    while (true) {
      try (var tcp = new ServerSocket(0, 1, address);
          var udp = new DatagramSocket(new InetSocketAddress(address, tcp.getLocalPort()))) {
        return udp.getLocalPort();
      } catch (BindException e) {
        // Taken for UDP: another one, then.
      }
    }
  }

  /** On 127.0.0.1, at a port that is free for UDP and TCP. */
  public static DnsServer start() throws IOException {
    return start(InetAddress.ofLiteral("127.0.0.1"));
  }

  /** The same on another loopback address. */
  public static DnsServer start(InetAddress address) throws IOException {
    return start(address, free(address));
  }

  /** The same on a port that is free, or can be expected to be: 53 in a network of one's own. */
  public static DnsServer start(InetAddress address, int port) throws IOException {
    return new DnsServer(address, port, null);
  }

  /** On 127.0.0.1, and over TLS at another port as well. */
  public static DnsServer startWithTls(SSLContext context) throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    return new DnsServer(loopback, free(loopback), context);
  }

  // ---- what it is asked

  /** Address and port, as a client's options take them. */
  public String address() {
    String host = address.getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  SocketAddress socketAddress() {
    return new InetSocketAddress(address, port);
  }

  /** The port for UDP and TCP. */
  public int port() {
    return port;
  }

  /** The port for TLS. */
  public int tlsPort() {
    if (tls == null) {
      throw new IllegalStateException("started without TLS");
    }
    return tlsPort;
  }

  /** All queries so far. */
  public List<Seen> queries() {
    return read(() -> List.copyOf(seen));
  }

  /** How many queries there were for this name. */
  public long queries(String name) {
    return queries().stream().filter(query -> query.name().equals(name)).count();
  }

  /** How many queries there were for this name and type. */
  public long queries(String name, int type) {
    return queries().stream()
        .filter(query -> query.name().equals(name) && query.type() == type)
        .count();
  }

  /** The most queries that were under way at one moment. */
  public int mostAnswering() {
    return read(() -> mostAnswering);
  }

  /** Waits until there were so many queries for this name and type. */
  public void awaitQueries(String name, int type, long count) throws InterruptedException {
    await(count + " queries for " + name, () -> queries(name, type) >= count);
  }

  /** Waits until at least so many queries are under way at one moment. */
  public void awaitAnswering(int count) throws InterruptedException {
    await(count + " queries at once", () -> answering >= count);
  }

  /** Waits until all behaviours have ended: what they threw is among the failures then. */
  public void awaitIdle() throws InterruptedException {
    await("end of all behaviours", () -> working == 0);
  }

  /** Waits until there were so many failures, for tests of what fails on purpose. */
  void awaitFailures(int count) throws InterruptedException {
    await(count + " failures", () -> failures.size() >= count);
  }

  /** What behaviours have thrown, and queries that were none. */
  public List<Throwable> failures() {
    return read(() -> List.copyOf(failures));
  }

  // ---- what it says

  /**
   * Sets the records of a name and type, in the form of a zone file.
   *
   * @param type as in {@link Type}
   */
  public void set(String name, int type, long ttl, String... values) {
    zone.set(name, type, ttl, values);
  }

  /** The name has nothing of this type any more. */
  public void remove(String name, int type) {
    zone.remove(name, type);
  }

  /** For how long it lets be remembered that there is nothing; negative: without saying so. */
  public void negativeTtl(long seconds) {
    zone.negativeTtl(seconds);
  }

  /** Does this with queries for a name. */
  public void on(String name, Behaviour behaviour) {
    on(name, Type.ANY, behaviour);
  }

  /** Does this with queries for a name and type, whatever is done with the name's other types. */
  public void on(String name, int type, Behaviour behaviour) {
    behaviours.put(new DnsZone.Key(name, type), behaviour);
  }

  /** Answers queries for a name again as the records say. */
  public void heal(String name) {
    behaviours.keySet().removeIf(key -> key.name().equals(name.toLowerCase(Locale.ROOT)));
  }

  /** Does this with all queries for names that have no behaviour of their own. */
  public void onAll(Behaviour behaviour) {
    otherwise = behaviour;
  }

  /** Keeps all queries waiting from now on, whatever becomes of them then. */
  public void hold() {
    change(() -> held = true);
  }

  /** Goes on with those that wait, and keeps none waiting. */
  public void release() {
    change(() -> held = false);
  }

  DnsZone zone() {
    return zone;
  }

  /** The answer that the records give. */
  Message reply(Message query) {
    return reply(query, query.getQuestion().getName());
  }

  Message reply(Message query, Name name) {
    return zone.reply(query, name);
  }

  Message empty(Message query) {
    return DnsZone.empty(query);
  }

  // ---- its life

  /** Listens again, at the same ports. */
  public void up() throws IOException {
    try {
      var udp = new DatagramSocket(new InetSocketAddress(address, port));
      listen(udp, () -> serve(udp));
      tcp = listen(new ServerSocket(), port);
      if (tls != null) {
        listen(tls.getServerSocketFactory().createServerSocket(), tlsPort);
      }
    } catch (IOException e) {
      down();
      throw e;
    }
  }

  private Listening listen(ServerSocket listener, int port) throws IOException {
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    return listen(listener, () -> serve(listener));
  }

  private Listening listen(Closeable socket, Runnable work) {
    var one = new Listening(socket, Thread.ofVirtual().name("dns-listening").start(work));
    listening.add(one);
    return one;
  }

  /** A socket at a port, and the thread that waits there. */
  private record Listening(Closeable socket, Thread thread) {
    void end() throws IOException {
      socket.close();
      try {
        thread.join(PATIENCE); // it holds the port until it has noticed, and may accept one more
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Refuses TCP; UDP goes on. Until it was {@link #down} and is {@link #up} again. */
  public void refuseTcp() throws IOException {
    if (tcp != null) {
      tcp.end();
    }
  }

  /** Is dead: nobody listens at its ports, and the system says so to who asks. */
  public void down() throws IOException {
    for (Listening one : listening) {
      one.end();
    }
    listening.clear();
    for (Socket connection : open) {
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    down();
    release();
  }

  // ---- its work

  private void serve(DatagramSocket socket) {
    byte[] buffer = new byte[Message.MAXLENGTH];
    while (!socket.isClosed()) {
      var packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (IOException e) {
        continue; // closed, or the last answer found nobody
      }
      SocketAddress from = packet.getSocketAddress();
      byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
      Thread.ofVirtual()
          .start(() -> handle(bytes, false, from, new DnsWay.Datagrams(socket, from)));
    }
  }

  private void serve(ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name("dns-connection").start(() -> serve(socket));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket socket) {
    // Closed in this order: who has sent all its queries still gets the answers.
    try (socket;
        var answers = Executors.newVirtualThreadPerTaskExecutor()) {
      var in = new DataInputStream(socket.getInputStream());
      SocketAddress from = socket.getRemoteSocketAddress();
      var way = new DnsWay.Framed(socket, new ReentrantLock());
      while (true) {
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        answers.execute(() -> handle(message, true, from, way));
      }
    } catch (IOException e) {
      // The client has enough.
    } finally {
      open.remove(socket);
    }
  }

  /** Does with a query what is to be done; also for those that came another way. */
  void handle(byte[] bytes, boolean stream, SocketAddress from, DnsWay way) {
    DnsQuery query;
    try {
      query = new DnsQuery(this, parse(bytes), stream, from, way);
    } catch (IOException e) {
      change(() -> failures.add(e));
      return;
    }
    begin(new Seen(query.name(), query.type(), stream, query.edns()));
    try {
      awaitRelease();
      behaviour(query).on(query);
    } catch (SocketException | SSLException e) {
      // The client has gone, or this server is down.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server that the query came to is closing
    } catch (Exception | AssertionError e) {
      change(() -> failures.add(e));
    } finally {
      query.done();
      change(() -> working--);
    }
  }

  /** One query less is under way. */
  void answered() {
    change(() -> answering--);
  }

  private static Message parse(byte[] bytes) throws IOException {
    var message = new Message(bytes);
    if (message.getQuestion() == null) {
      throw new IOException("a query without a question");
    }
    return message;
  }

  private Behaviour behaviour(DnsQuery query) {
    Behaviour forType = behaviours.get(new DnsZone.Key(query.name(), query.type()));
    return forType != null
        ? forType
        : behaviours.getOrDefault(new DnsZone.Key(query.name(), Type.ANY), otherwise);
  }

  private void begin(Seen query) {
    change(
        () -> {
          seen.add(query);
          working++;
          answering++;
          mostAnswering = Math.max(mostAnswering, answering);
        });
  }

  private void awaitRelease() throws InterruptedException {
    lock.lock();
    try {
      while (held) {
        changed.await();
      }
    } finally {
      lock.unlock();
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

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError("no " + what + ", but " + answering + " now, of " + seen);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
