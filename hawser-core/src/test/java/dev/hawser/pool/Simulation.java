package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeEvent;
import dev.hawser.PoolOptions;
import dev.hawser.io.StageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One host under a trace of traffic, in discrete events on a clock of its own: callers, a server
 * and the time that connections take are made up; the books, the house-keeping and the sizing are
 * the pool's own code. The same seed gives the same run.
 *
 * <p>Callers come at random (a Poisson process), whatever has become of those before; response
 * times and the time to connect are log-normal. A server that hangs answers, and shakes hands,
 * afterwards.
 */
final class Simulation {
  /**
   * Seconds in, figures out.
   *
   * @param perSecond callers
   * @param responseMillis the median
   */
  record Trace(
      double seconds,
      DoubleUnaryOperator perSecond,
      double most,
      DoubleUnaryOperator responseMillis,
      double hangsFrom,
      double hangsTo) {
    Trace(
        double seconds,
        DoubleUnaryOperator perSecond,
        double most,
        DoubleUnaryOperator responseMillis) {
      this(seconds, perSecond, most, responseMillis, -1, -1);
    }
  }

  /** One second of a run. */
  record Second(int at, double demand, double open, int queued, int dials, int shed) {
    /** Callers, served or waiting, for each open connection. */
    double load() {
      return demand == 0 ? 0 : demand / open;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%ds: demand %.1f, open %.1f, load %.2f, queued %d, dials %d, shed %d",
          at,
          demand,
          open,
          load(),
          queued,
          dials,
          shed);
    }
  }

  /** What happened, and the decisions with their instants. */
  record Decided(double at, ExchangeEvent.Resized event) {}

  private record Event(long at, long number, Step step) {}

  private interface Step {
    void run() throws StageFailure;
  }

  private static final double CONNECT_MILLIS =
      30; // a handshake in one region, and the server's CPU
  private static final long PATIENCE = 5_000_000_000L;
  private static final long LOOK = 100_000_000;

  private final Trace trace;
  private final int limit; // of callers at once; the next is refused. 0: none
  private final Random random;
  private final Books books;
  private final long start;
  private final PriorityQueue<Event> queue =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long number;
  private int seenWoken;
  private int looks;
  private final List<Dial> dialling = new ArrayList<>();
  private int busy;
  private int waiting;
  private int connected;
  private long changedAt;
  private double demandArea;
  private double openArea;
  private int queued;
  private int dials;
  private int shed;

  final List<Second> seconds = new ArrayList<>();
  final List<Decided> decisions = new ArrayList<>();
  int served;
  int coldCallers; // that had to wait for a connection
  int timedOut;
  int mostOpen;
  int mostDemand;
  double waitedSeconds;

  Simulation(PoolOptions options, Trace trace, int limit, long seed) {
    this.trace = trace;
    this.limit = limit;
    this.random = new Random(seed);
    this.books = new Books(options, seed);
    this.start = books.now();
    this.changedAt = start;
  }

  Simulation run() throws StageFailure {
    at(0, this::nextCaller);
    at(LOOK, this::keepHouse);
    at(1_000_000_000, this::endSecond);
    long end = start + nanos(trace.seconds());
    while (queue.peek().at() <= end) {
      Event event = queue.poll();
      books.pass(Duration.ofNanos(event.at() - books.now()));
      integrate();
      event.step().run();
      settle();
    }
    return this;
  }

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }

  private double now() {
    return (books.now() - start) / 1e9;
  }

  /** Runs a step so many nanoseconds from now. */
  private void at(long later, Step step) {
    queue.add(new Event(books.now() + later, number++, step));
  }

  private void integrate() {
    long now = books.now();
    demandArea += (busy + waiting) * (double) (now - changedAt);
    openArea += connected * (double) (now - changedAt);
    changedAt = now;
  }

  // ---- callers

  private void nextCaller() throws StageFailure {
    if (random.nextDouble() < trace.perSecond().applyAsDouble(now()) / trace.most()) {
      call();
    }
    at(nanos(-Math.log(1 - random.nextDouble()) / trace.most()), this::nextCaller);
  }

  private void call() throws StageFailure {
    if (limit > 0 && busy + waiting >= limit) {
      shed++;
      return;
    }
    Connection connection = take();
    if (connection != null) {
      serve(connection);
      return;
    }
    Waiter waiter = books.join(Books.A);
    queued++;
    coldCallers++;
    waiting++;
    long since = books.now();
    waiters.add(new Waits(waiter, since));
    at(PATIENCE, () -> giveUp(waiter));
  }

  private record Waits(Waiter waiter, long since) {}

  private final List<Waits> waiters = new ArrayList<>();

  private @Nullable Connection take() throws StageFailure {
    while (true) {
      Connection connection = books.take(Books.A);
      if (connection == null || books.ages.expiry(connection, books.now()) == null) {
        return connection;
      }
      books.discard(connection);
    }
  }

  private void giveUp(Waiter waiter) {
    if (waiter.outcome() == null) {
      books.ledger.giveUp(waiter);
      waiters.removeIf(each -> each.waiter() == waiter);
      waiting--;
      timedOut++;
    }
  }

  // ---- the server

  private void serve(Connection connection) {
    connection.begin();
    busy++;
    double median = trace.responseMillis().applyAsDouble(now()) / 1e3;
    at(
        afterHanging(nanos(median * Math.exp(0.3 * random.nextGaussian()))),
        () -> {
          busy--;
          served++;
          books.giveBack(connection);
        });
  }

  private long afterHanging(long takes) {
    double end = now() + takes / 1e9;
    boolean hangs = end >= trace.hangsFrom() && now() < trace.hangsTo();
    return hangs ? takes + nanos(trace.hangsTo() - Math.max(now(), trace.hangsFrom())) : takes;
  }

  // ---- the pool's threads

  private void settle() {
    for (; seenWoken < books.woken.size(); seenWoken++) {
      Waiter waiter = books.woken.get(seenWoken);
      Waits waits =
          waiters.stream().filter(each -> each.waiter() == waiter).findFirst().orElseThrow();
      waiters.remove(waits);
      waiting--;
      waitedSeconds += (books.now() - waits.since()) / 1e9;
      serve(Books.served(waiter));
    }
    for (Dial dial : List.copyOf(books.dials)) {
      if (!dialling.contains(dial)) {
        dialling.add(dial);
        dials++;
        long takes = nanos(CONNECT_MILLIS / 1e3 * Math.exp(0.3 * random.nextGaussian()));
        at(
            afterHanging(takes),
            () -> {
              dialling.remove(dial);
              books.connect(dial);
            });
      }
    }
    connected = books.live.size();
    mostDemand = Math.max(mostDemand, busy + waiting);
    mostOpen = Math.max(mostOpen, books.stock.open());
  }

  private void keepHouse() {
    if (++looks % 5 == 0) {
      books.sweep();
    }
    books.look();
    for (ExchangeEvent.Resized resized : books.resized) {
      decisions.add(new Decided(now(), resized));
    }
    books.resized.clear();
    at(LOOK + (long) (random.nextDouble() * 5_000_000), this::keepHouse); // threads are late
  }

  private void endSecond() {
    seconds.add(new Second((int) now() - 1, demandArea / 1e9, openArea / 1e9, queued, dials, shed));
    demandArea = 0;
    openArea = 0;
    queued = 0;
    dials = 0;
    shed = 0;
    at(1_000_000_000, this::endSecond);
  }

  // ---- figures

  /** The highest load of a second from this one on. */
  double highestLoad(int from, int to) {
    return seconds.stream()
        .filter(second -> second.at() >= from && second.at() < to)
        .mapToDouble(Second::load)
        .max()
        .orElseThrow();
  }

  long secondsOver(double load, int from, int to) {
    return seconds.stream()
        .filter(second -> second.at() >= from && second.at() < to)
        .filter(second -> second.load() > load)
        .count();
  }

  int shed() {
    return seconds.stream().mapToInt(Second::shed).sum();
  }

  int dials(int from, int to) {
    return seconds.stream()
        .filter(second -> second.at() >= from && second.at() < to)
        .mapToInt(Second::dials)
        .sum();
  }

  /** Why connections were closed. */
  long closed(CloseReason reason) {
    return books.closed.stream().filter(doomed -> doomed.reason() == reason).count();
  }
}
