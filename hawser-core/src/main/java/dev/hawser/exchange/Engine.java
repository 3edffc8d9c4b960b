package dev.hawser.exchange;

import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeOptions;
import dev.hawser.Http1Options;
import dev.hawser.RetryOptions;
import dev.hawser.coding.Decoding;
import dev.hawser.connect.Endpoints;
import dev.hawser.container.Container;
import dev.hawser.dns.Layers;
import dev.hawser.dns.Names;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.overload.HostLoads;
import dev.hawser.policy.Cookies;
import dev.hawser.policy.Credentials;
import dev.hawser.policy.Login;
import dev.hawser.policy.Proxies;
import dev.hawser.pool.Pool;
import java.net.http.HttpClient.Redirect;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What all calls of a client share: the stages, the rules, the counts, and whether it is open. */
final class Engine {
  private final Names names;
  private final Layers layers;
  private final Endpoints endpoints;
  private final Pool pool;
  private final TlsSettings tls;
  private final Buffers buffers;
  private final Http1Options http1;
  private final Versions versions;
  private final Upgrades upgrades;
  private final Switching switching;
  private final ExchangeOptions options;
  private final RetryOptions retry;
  private final HostLoads loads;
  private final Container container;
  private final Redirect redirect;
  private final Cookies cookies;
  private final Decoding decoding;
  private final Proxies proxies;
  private final @Nullable Credentials credentials;
  private final Events events;
  private final Leaks leaks;
  private final WebSockets webSockets;
  private final Watchdog watchdog;
  private final Ticker ticker;

  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong active = new AtomicLong();
  private final LongAdder failures = new LongAdder();
  private final LongAdder repeats = new LongAdder();
  private final LongAdder reuses = new LongAdder();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition terminated = lock.newCondition(); // shut down, and nothing active
  private final Condition closing = lock.newCondition(); // closed
  private volatile boolean shutDown; // no new calls
  private volatile boolean closed; // running calls are ended, too

  Engine(
      Names names,
      Layers layers,
      Endpoints endpoints,
      Pool pool,
      TlsSettings tls,
      Buffers buffers,
      Http1Options http1,
      Versions versions,
      Upgrades upgrades,
      Switching switching,
      ExchangeOptions options,
      RetryOptions retry,
      HostLoads loads,
      Redirect redirect,
      Cookies cookies,
      Decoding decoding,
      Proxies proxies,
      @Nullable Credentials credentials,
      Events events,
      WebSockets webSockets,
      Watchdog watchdog,
      Ticker ticker) {
    this.names = names;
    this.layers = layers;
    this.endpoints = endpoints;
    this.pool = pool;
    this.tls = tls;
    this.buffers = buffers;
    this.http1 = http1;
    this.versions = versions;
    this.upgrades = upgrades;
    this.switching = switching;
    this.options = options;
    this.retry = retry;
    this.loads = loads;
    this.container = new Container(ticker);
    this.redirect = redirect;
    this.cookies = cookies;
    this.decoding = decoding;
    this.proxies = proxies;
    this.credentials = credentials;
    this.events = events;
    this.webSockets = webSockets;
    this.ticker = ticker;
    this.leaks = new Leaks(this);
    this.watchdog = watchdog;
    names.onChange(
        (host, present, added, removed) -> pool.moved(host, present.size(), added.size(), removed),
        watchdog::callAt);
    endpoints.onChange(pool, watchdog::callAt);
    watchdog.chore(this::keepHouse);
    watchdog.callAt(tls.sweep(ticker.nanos()));
  }

  private long keepHouse(long now) {
    long next = Math.min(pool.sweep(now), leaks.sweep(now));
    loads.sweep(now);
    if (isTerminated()) {
      return next;
    }
    Set<String> connected = pool.connectedHosts();
    next = Math.min(next, endpoints.sweep(now, connected::contains));
    return Math.min(Math.min(next, tls.sweep(now)), names.sweep(now, connected::contains));
  }

  // ---- the life of calls

  /** Counts a call in and numbers it. */
  long begin() {
    active.incrementAndGet();
    return begun.incrementAndGet();
  }

  /** Counts a call out. */
  void end(boolean failed) {
    if (failed) {
      failures.increment();
    }
    if (active.decrementAndGet() == 0 && shutDown) {
      terminate();
    }
  }

  void repeated() {
    repeats.increment();
  }

  void reused() {
    reuses.increment();
  }

  // ---- the life of the client

  /** Lets running calls end and takes no new ones. */
  void shutDown() {
    shutDown = true;
    if (active.get() == 0) {
      terminate();
    }
  }

  /** Ends running calls, too. */
  void close() {
    closed = true;
    shutDown = true;
    loads.close();
    pool.close();
    pool.leased().forEach(connection -> connection.transport().close());
    webSockets.close();
    lock.lock();
    try {
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    if (active.get() == 0) {
      terminate();
    }
  }

  private void terminate() {
    pool.close();
    names.close();
    lock.lock();
    try {
      terminated.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits so long, or until running calls are ended. */
  void pause(long nanos) throws InterruptedException {
    long left = nanos;
    lock.lock();
    try {
      while (left > 0 && !closed) {
        left = closing.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isShutDown() {
    return shutDown;
  }

  boolean closed() {
    return closed;
  }

  boolean isTerminated() {
    return shutDown && active.get() == 0;
  }

  boolean awaitTermination(Duration duration) throws InterruptedException {
    long left = duration.isNegative() ? 0 : Ticker.after(0, duration);
    lock.lock();
    try {
      while (!isTerminated()) {
        if (left <= 0) {
          return false;
        }
        left = terminated.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  // ---- the stages and rules

  Layers layers() {
    return layers;
  }

  /** The hosts' addresses, and which of them are ejected. */
  Endpoints endpoints() {
    return endpoints;
  }

  Pool pool() {
    return pool;
  }

  Http1Options http1() {
    return http1;
  }

  Versions versions() {
    return versions;
  }

  /** Who is asked whether it speaks HTTP/2 in clear text. */
  Upgrades upgrades() {
    return upgrades;
  }

  Switching switching() {
    return switching;
  }

  ExchangeOptions options() {
    return options;
  }

  RetryOptions retry() {
    return retry;
  }

  /** What the hosts have to bear from this client. */
  HostLoads loads() {
    return loads;
  }

  Redirect redirect() {
    return redirect;
  }

  Cookies cookies() {
    return cookies;
  }

  Decoding decoding() {
    return decoding;
  }

  Proxies proxies() {
    return proxies;
  }

  /** For one call; null: the client has no authenticator. */
  @Nullable Login login() {
    return credentials == null ? null : credentials.login();
  }

  Events events() {
    return events;
  }

  WebSockets webSockets() {
    return webSockets;
  }

  /** Begins to watch a body that goes on without its caller. */
  Leaks.Watch watch(Object holder, Hop hop, String request, boolean async) {
    Leaks.Watch watch = leaks.watch(holder, hop, request, async);
    watchdog.callAt(Leaks.due(ticker.nanos()));
    return watch;
  }

  Ticker ticker() {
    return ticker;
  }

  // ---- what is seen from outside

  ClientSnapshot snapshot() {
    Pool.Totals totals = pool.totals();
    var counters =
        new ClientSnapshot.Counters(
            begun.get(),
            failures.sum(),
            repeats.sum(),
            totals.opened(),
            reuses.sum(),
            totals.handshakes(),
            totals.resumed(),
            leaks.count(),
            totals.closed());
    return new ClientSnapshot(
        totals.open(),
        totals.idle(),
        totals.leased(),
        totals.waiting(),
        webSockets.count(),
        pool.snapshot(),
        names.snapshot(),
        tls.certificates(),
        loads.snapshot(endpoints::ejected, endpoints::ejections),
        counters,
        buffers.used(),
        container.look());
  }
}
