package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ClientSnapshot;
import dev.hawser.DnsOptions;
import dev.hawser.ExchangeEvent;
import dev.hawser.NameServer;
import dev.hawser.faults.DnsServer;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Names, a DNS server, files, and a clock that the story can put forward. */
abstract class WithNames {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What a listener was told. */
  record Change(Set<InetAddress> added, Set<InetAddress> removed) {}

  private final AtomicLong ahead = new AtomicLong();
  final Ticker ticker = () -> Ticker.SYSTEM.nanos() + ahead.get();
  final List<ExchangeEvent> events = new CopyOnWriteArrayList<>();
  final List<Change> changes = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition updated = lock.newCondition(); // signalled after each look-up
  private final List<Names> made = new ArrayList<>();
  @TempDir Path folder;
  DnsServer dns;
  Names names;

  @BeforeEach
  void open() throws IOException {
    dns = DnsServer.start();
    names = names(d -> d);
  }

  @AfterEach
  void close() throws IOException {
    made.forEach(Names::close);
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  /** Names that ask the server, with changed options. */
  Names names(UnaryOperator<DnsOptions> change) {
    return make(change.apply(DnsOptions.DEFAULTS.servers(dns.address())), NO_HTTPS);
  }

  /** Names that read their servers from the folder's resolv.conf. */
  Names configured(UnaryOperator<DnsOptions> change) {
    return make(change.apply(DnsOptions.DEFAULTS), NO_HTTPS);
  }

  Names make(DnsOptions options, Sources.Https https) {
    var files =
        new Sources.Files(folder.resolve("resolv.conf"), folder.resolve("hosts"), dns.port());
    var sources = new Sources(options, files, WithNames::noTls, https, ticker);
    var names =
        new Names(
            options, sources, new Events(List.of(events::add)), new SplittableRandom(1), ticker);
    names.onChange(
        (host, now, added, removed) -> {
          changes.add(new Change(added, removed));
          signal();
        },
        instant -> signal());
    made.add(names);
    return names;
  }

  private static SSLContext noTls() {
    throw new AssertionError("no TLS in this story");
  }

  private static final Sources.Https NO_HTTPS =
      new Sources.Https() {
        @Override
        public byte[] post(NameServer server, byte[] query, Duration timeout) {
          throw new AssertionError("no HTTPS in this story");
        }

        @Override
        public void close() {}
      };

  void file(String name, String... lines) throws IOException {
    // By a new file in its place, as tools do: never half written.
    Path fresh = Files.writeString(folder.resolve("fresh"), String.join("\n", lines) + "\n");
    Files.move(
        fresh,
        folder.resolve(name),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** Puts the clock forward. */
  void pass(Duration time) {
    ahead.addAndGet(time.toNanos());
  }

  /** What the watchdog does from time to time. */
  long sweep() {
    return names.sweep(ticker.nanos(), host -> false);
  }

  private void signal() {
    lock.lock();
    try {
      updated.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until look-ups have brought this about. */
  void await(String what, BooleanSupplier condition) throws InterruptedException {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (!condition.getAsBoolean()) {
        assertThat(left).as(what + ": " + names.snapshot()).isPositive();
        left = updated.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  List<String> resolve(String host) throws StageFailure, InterruptedException {
    return texts(names.resolve(host, Ticker.NEVER).list());
  }

  /** Sweeps, and waits until what that began has ended. */
  void refresh() throws InterruptedException {
    await("quiet", names::quiet);
    long before = refreshes();
    sweep();
    await("refreshed", () -> refreshes() > before && names.quiet());
  }

  private long refreshes() {
    return names.snapshot().stream().mapToLong(ClientSnapshot.Name::refreshes).sum();
  }

  ClientSnapshot.Name entry(String host, String type) {
    return names.snapshot().stream()
        .filter(name -> name.host().equals(host) && name.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  static List<String> texts(Iterable<InetAddress> addresses) {
    var texts = new ArrayList<String>();
    addresses.forEach(address -> texts.add(address.getHostAddress()));
    return texts;
  }
}
