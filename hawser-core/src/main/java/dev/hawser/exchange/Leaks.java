package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.io.Ticker;
import dev.hawser.overload.HostLoad;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Exchange;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds response bodies that were neither read nor closed. The stream, or the subscription of a
 * subscriber, is what can go on reading or end it: when that has become unreachable, nobody ever
 * will. Then the connection is closed, or the stream reset, and the place in the code is told. Only
 * bodies that are still under way when their caller gets the response are watched, so a small
 * response costs nothing.
 */
final class Leaks {
  private static final System.Logger LOG = System.getLogger("dev.hawser.leak");
  private static final long PERIOD = 1_000_000_000;
  private static final int FRAMES = 12;

  private final Engine engine;
  private final Set<Watch> watched = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Object> unreachable = new ReferenceQueue<>();
  private final LongAdder count = new LongAdder();

  Leaks(Engine engine) {
    this.engine = engine;
  }

  /** A body under way. Refers to nothing from which its holder could be reached. */
  final class Watch extends PhantomReference<Object> {
    private final Connection connection;
    private final Exchange exchange;
    private final HostLoad load;
    private final String request;
    private final List<StackTraceElement> obtainedAt;

    private Watch(Object holder, Hop hop, String request, List<StackTraceElement> obtainedAt) {
      super(holder, unreachable);
      this.connection = hop.connection();
      this.exchange = hop.exchange();
      this.load = hop.load();
      this.request = request;
      this.obtainedAt = obtainedAt;
    }

    /** The body has ended, one way or another. */
    void end() {
      watched.remove(this);
      clear();
    }

    private void leaked() {
      if (!watched.remove(this)) {
        return;
      }
      count.increment();
      LOG.log(
          System.Logger.Level.WARNING,
          "the body of {0} was neither read nor closed; its connection or stream is closed now."
              + " Read it to the end, or close it (try with resources). The response was obtained"
              + " at {1}",
          request,
          obtainedAt.isEmpty() ? "sendAsync" : obtainedAt.getFirst());
      ConnectionInfo info = connection.info();
      exchange.abandon();
      engine.pool().discard(connection, CloseReason.LEAKED);
      load.leave();
      engine.end(true);
      if (engine.events().wanted()) {
        engine.events().tell(new ExchangeEvent.Leaked(request, info, obtainedAt));
      }
    }
  }

  /**
   * Begins to watch; called on the thread that gets the response.
   *
   * @param holder what the body is read and ended by
   */
  Watch watch(Object holder, Hop hop, String request, boolean async) {
    var watch = new Watch(holder, hop, request, async ? List.of() : callSite());
    watched.add(watch);
    return watch;
  }

  private static List<StackTraceElement> callSite() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .dropWhile(frame -> frame.getClassName().startsWith("dev.hawser.exchange."))
                    .limit(FRAMES)
                    .map(StackWalker.StackFrame::toStackTraceElement)
                    .toList());
  }

  /** Reports and reclaims what has been leaked; part of the house-keeping. */
  long sweep(long now) {
    for (Reference<?> reference = unreachable.poll();
        reference != null;
        reference = unreachable.poll()) {
      if (reference instanceof Watch watch) {
        watch.leaked();
      }
    }
    return watched.isEmpty() ? Ticker.NEVER : now + PERIOD;
  }

  long count() {
    return count.sum();
  }

  /** When the first sweep after {@code now} is due. */
  static long due(long now) {
    return now + PERIOD;
  }
}
