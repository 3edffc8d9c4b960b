package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Watchdog;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Callers on a pool of one connection whose clock stands still, in all the orders that two and
 * three threads bring about: each has the connection alone, a wake-up that gets lost is a caller
 * who waits for ever, and at the end the books are balanced. By stress, not by model checking: the
 * model checker of Lincheck 3.7 does not get through the JDK's text formatting, which an error
 * needs.
 */
@Tag("lincheck")
@Timeout(120)
public class PoolLincheckTest {
  private static final Target A = Books.target(Books.A);

  private static final Watchdog WATCHDOG = new Watchdog(() -> 0);

  private static final Silent SILENT = Silent.make(WATCHDOG); // one for all: nothing is written

  private final Pool pool =
      new Pool(
          PoolOptions.DEFAULTS.maxConnectionsPerHost(1),
          Http2Options.DEFAULTS,
          (target, taken, attempt) -> new Connected(SILENT, null, null),
          WATCHDOG,
          new Events(List.of()),
          new SplittableRandom(1),
          () -> 0);
  private final AtomicInteger users = new AtomicInteger();

  /** Uses the connection alone. */
  @Operation
  public int use() throws Exception {
    Connection connection = pool.leaseIdle(A);
    if (connection == null) {
      connection = pool.await(A, Long.MAX_VALUE, Wish.ANY, 0, attempt -> {}).connection();
    }
    int together = users.incrementAndGet();
    users.decrementAndGet();
    pool.release(connection);
    return together;
  }

  /** Joins the line, and leaves it at once if it is not served. */
  @Operation
  public void giveUp() throws Exception {
    try {
      Connection connection = pool.await(A, 0, Wish.ANY, 0, attempt -> {}).connection();
      pool.release(connection);
    } catch (StageFailure e) {
      // as expected
    }
  }

  /** Leases what is idle, if anything is, and lets it be closed. */
  @Operation
  public void close() throws Exception {
    Connection connection = pool.leaseIdle(A);
    if (connection != null) {
      pool.discard(connection, CloseReason.EXCHANGE_FAILED);
    }
  }

  /** What the house-keeping does meanwhile: it withholds, looks, and puts back. */
  @Operation
  public void sweep() {
    pool.sweep(Pool.SWEEP_PERIOD);
  }

  /** After each run: nothing is lost, nothing is there twice. */
  @Validate
  public void balanced() {
    Pool.Totals totals = pool.totals();
    if (totals.waiting() != 0 || totals.leased() != 0 || totals.open() > 1) {
      throw new IllegalStateException(totals.toString());
    }
  }

  /** What the operations are when they come one after the other. */
  public static class Alone {
    public int use() {
      return 1;
    }

    public void giveUp() {}

    public void close() {}

    public void sweep() {}
  }

  @Test
  void nobodyIsForgottenInLine() {
    new StressOptions()
        .threads(2)
        .actorsPerThread(3)
        .iterations(30)
        .invocationsPerIteration(1_000)
        .sequentialSpecification(Alone.class)
        .check(PoolLincheckTest.class);
  }

  @Test
  void norAmongThree() {
    new StressOptions()
        .threads(3)
        .actorsPerThread(2)
        .iterations(30)
        .invocationsPerIteration(1_000)
        .sequentialSpecification(Alone.class)
        .check(PoolLincheckTest.class);
  }
}
