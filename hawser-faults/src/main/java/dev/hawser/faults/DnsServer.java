package dev.hawser.faults;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
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
 */
public final class DnsServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PAYLOAD = 1232;

  /** What to do with a query. */
  @FunctionalInterface
  public interface Behaviour {
    /** Answers it, or does not. */
    void on(DnsQuery query) throws Exception;
  }

  /** One query as it came. */
  public record Seen(String name, int type, boolean stream, boolean edns) {}

  private record Key(String name, int type) {}

  private final InetAddress address;
  private final int port;
  private final Map<Key, List<Record>> records = new ConcurrentHashMap<>();
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Behaviour otherwise = DnsQuery::answer;
  private volatile long negativeTtl = 1;
  private volatile @Nullable DatagramSocket udp;
  private volatile @Nullable ServerSocket tcp;
  private final @Nullable ServerSocket secure;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock; changed is signalled after each change.
  private final List<Seen> seen = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private int answering;
  private int mostAnswering;

  private DnsServer(InetAddress address, int port, @Nullable SSLContext tls) throws IOException {
    this.address = address;
    this.port = port == 0 ? free(address) : port;
    this.secure = tls == null ? null : listenSecurely(tls);
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
    return new DnsServer(InetAddress.ofLiteral("127.0.0.1"), 0, null);
  }

  /** The same, over TLS at another port as well. */
  public static DnsServer startWithTls(SSLContext context) throws IOException {
    return new DnsServer(InetAddress.ofLiteral("127.0.0.1"), 0, context);
  }

  // ---- what it is asked

  /** Address and port, as a client's options take them. */
  public String address() {
    return address.getHostAddress() + ":" + port;
  }

  /** The port for UDP and TCP. */
  public int port() {
    return port;
  }

  /** The port for TLS. */
  public int tlsPort() {
    if (secure == null) {
      throw new IllegalStateException("started without TLS");
    }
    return secure.getLocalPort();
  }

  /** All queries so far. */
  public List<Seen> queries() {
    lock.lock();
    try {
      return List.copyOf(seen);
    } finally {
      lock.unlock();
    }
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
    lock.lock();
    try {
      return mostAnswering;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there were so many queries for this name and type. */
  public void awaitQueries(String name, int type, long count) throws InterruptedException {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (seen.stream().filter(q -> q.name().equals(name) && q.type() == type).count() < count) {
        if (left <= 0) {
          throw new AssertionError("no " + count + " queries for " + name + ", but " + seen);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- what it says

  /**
   * Sets the records of a name and type, in the form of a zone file.
   *
   * @param type as in {@link Type}
   */
  public void set(String name, int type, long ttl, String... values) {
    try {
      Name owner = Name.fromString(name, Name.root);
      var list = new ArrayList<Record>();
      for (String value : values) {
        list.add(Record.fromString(owner, type, DClass.IN, ttl, value, Name.root));
      }
      records.put(new Key(name, type), List.copyOf(list));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The name has nothing of this type any more. */
  public void remove(String name, int type) {
    records.remove(new Key(name, type));
  }

  /** For how long it lets be remembered that there is nothing; negative: without saying so. */
  public void negativeTtl(long seconds) {
    negativeTtl = seconds;
  }

  /** Does this with queries for a name. */
  public void on(String name, Behaviour behaviour) {
    behaviours.put(name, behaviour);
  }

  /** Answers queries for a name again as the records say. */
  public void heal(String name) {
    behaviours.remove(name);
  }

  /** Does this with all queries for names that have no behaviour of their own. */
  public void onAll(Behaviour behaviour) {
    otherwise = behaviour;
  }

  /** The answer that the records give. */
  Message reply(Message query) {
    return reply(query, query.getQuestion().getName());
  }

  Message reply(Message query, Name name) {
    Message reply = empty(query);
    int type = query.getQuestion().getType();
    Name at = name;
    for (int hops = 0; hops < 64; hops++) {
      List<Record> found = records.get(new Key(at.toString(true), type));
      if (found != null) {
        found.forEach(record -> reply.addRecord(record, Section.ANSWER));
        return reply;
      }
      List<Record> alias = records.get(new Key(at.toString(true), Type.CNAME));
      if (alias == null) {
        break;
      }
      reply.addRecord(alias.getFirst(), Section.ANSWER);
      at = ((CNAMERecord) alias.getFirst()).getTarget();
    }
    String last = at.toString(true);
    if (records.keySet().stream().noneMatch(key -> key.name().equals(last))) {
      reply.getHeader().setRcode(Rcode.NXDOMAIN);
    }
    if (negativeTtl >= 0) {
      reply.addRecord(soa(), Section.AUTHORITY);
    }
    return reply;
  }

  private Record soa() {
    try {
      Name zone = Name.fromString("test.");
      return new SOARecord(zone, DClass.IN, negativeTtl, zone, zone, 1, 1, 1, 1, negativeTtl);
    } catch (TextParseException e) {
      throw new IllegalStateException(e);
    }
  }

  Message empty(Message query) {
    var reply = new Message(query.getHeader().getID());
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setFlag(Flags.RD);
    reply.getHeader().setFlag(Flags.RA);
    reply.addRecord(query.getQuestion(), Section.QUESTION);
    if (query.getOPT() != null) {
      reply.addRecord(new OPTRecord(PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return reply;
  }

  /** What a server over another transport would answer to this message. */
  public byte[] respond(byte[] query) throws IOException {
    return reply(new Message(query)).toWire();
  }

  // ---- its life

  /** Listens again, at the same port. */
  public void up() throws IOException {
    var socket = new DatagramSocket(new InetSocketAddress(address, port));
    var listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(new InetSocketAddress(address, port));
    udp = socket;
    tcp = listener;
    Thread.ofVirtual().name("dns-udp").start(() -> serve(socket));
    Thread.ofVirtual().name("dns-tcp").start(() -> serve(listener));
  }

  /** Is dead: nobody listens at its ports, and the system says so to who asks. */
  public void down() throws IOException {
    DatagramSocket socket = udp;
    ServerSocket listener = tcp;
    if (socket != null && listener != null) {
      socket.close();
      listener.close();
    }
    for (Socket connection : open) {
      connection.close();
    }
  }

  private ServerSocket listenSecurely(SSLContext context) throws IOException {
    var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
    listener.bind(new InetSocketAddress(address, 0));
    Thread.ofVirtual().name("dns-tls").start(() -> serve(listener));
    return listener;
  }

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
      Thread.ofVirtual().start(() -> handle(bytes, false, from, new Datagrams(socket, from)));
    }
  }

  private record Datagrams(DatagramSocket socket, SocketAddress to) implements DnsQuery.Way {
    @Override
    public void send(byte[] bytes) throws IOException {
      socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    @Override
    public void sendFromElsewhere(byte[] bytes) throws IOException {
      try (var other = new DatagramSocket(new InetSocketAddress(socket.getLocalAddress(), 0))) {
        other.send(new DatagramPacket(bytes, bytes.length, to));
      }
    }

    @Override
    public void close() {}
  }

  private void serve(ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      var way = new Framed(socket);
      while (true) {
        byte[] message = in.readNBytes(in.readUnsignedShort());
        handle(message, true, socket.getRemoteSocketAddress(), way);
      }
    } catch (IOException e) {
      // The client has enough.
    } finally {
      open.remove(socket);
    }
  }

  private record Framed(Socket socket) implements DnsQuery.Way {
    @Override
    public void send(byte[] bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      ByteBuffer framed = ByteBuffer.allocate(2 + bytes.length);
      framed.putShort((short) bytes.length).put(bytes);
      out.write(framed.array());
      out.flush();
    }

    @Override
    public void sendFromElsewhere(byte[] bytes) throws IOException {
      send(bytes);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private void handle(byte[] bytes, boolean stream, SocketAddress from, DnsQuery.Way way) {
    try {
      var query = new DnsQuery(this, new Message(bytes), stream, from, way);
      count(new Seen(query.name(), query.type(), stream, query.edns()), 1);
      try {
        behaviours.getOrDefault(query.name(), otherwise).on(query);
      } finally {
        query.done();
      }
    } catch (SocketException e) {
      // The client has enough.
    } catch (Exception | AssertionError e) {
      lock.lock();
      try {
        failures.add(e);
      } finally {
        lock.unlock();
      }
    }
  }

  /** One query less is under way. */
  void answered() {
    count(null, -1);
  }

  private void count(@Nullable Seen query, int more) {
    lock.lock();
    try {
      if (query != null) {
        seen.add(query);
      }
      answering += more;
      mostAnswering = Math.max(mostAnswering, answering);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What behaviours have thrown, and queries that were none. */
  public List<Throwable> failures() {
    lock.lock();
    try {
      return Collections.unmodifiableList(new ArrayList<>(failures));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    down();
    if (secure != null) {
      secure.close();
    }
  }
}
