package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.LimitOptions;
import dev.hawser.Priority;
import dev.hawser.Refusal;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who goes, who waits, and who is refused when a host can bear no more. */
@Timeout(30)
class LimitTest {
  private static final LimitOptions TWO =
      LimitOptions.DEFAULTS
          .enabled(true)
          .min(1)
          .initial(2)
          .max(2)
          .highShare(0)
          .maxWaiting(30)
          .maxWait(Duration.ofMinutes(1));

  private final BlockingQueue<Object> ended = new LinkedBlockingQueue<>();

  private static Limit limit(LimitOptions options) {
    return new Limit(options, new Watchdog(Ticker.SYSTEM), Ticker.SYSTEM);
  }

  /** A caller, who is in line when this returns; what becomes of him is told to {@link #ended}. */
  private Thread wait(Limit limit, Priority priority, Object name) throws InterruptedException {
    int before = limit.snapshot().waiting();
    Thread caller = Thread.ofVirtual().start(() -> enter(limit, priority, name));
    while (limit.snapshot().waiting() <= before) {
      Thread.onSpinWait();
    }
    return caller;
  }

  private void enter(Limit limit, Priority priority, Object name) {
    try {
      limit.enter(priority, Ticker.NEVER);
      ended.add(name);
    } catch (Refused | StageFailure | InterruptedException e) {
      ended.add(e);
    }
  }

  private void fill(Limit limit) throws Exception {
    for (int i = 0; i < limit.snapshot().limit(); i++) {
      assertThat(limit.enter(Priority.NORMAL, Ticker.NEVER)).as("waits").isFalse();
    }
  }

  private Object next() throws InterruptedException {
    return ended.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void whoMattersMoreGoesFirstAndOthersAsTheyCame() throws Exception {
    Limit limit = limit(TWO);
    fill(limit);
    wait(limit, Priority.LOW, "low");
    wait(limit, Priority.NORMAL, "first");
    wait(limit, Priority.NORMAL, "second");
    wait(limit, Priority.HIGH, "high");

    List<Object> order = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      limit.leave();
      order.add(next());
    }

    assertThat(order).containsExactly("high", "first", "second", "low");
    assertThat(limit.snapshot().inFlight()).isEqualTo(2);
  }

  @Test
  void nobodyWaitsForEver() throws Exception {
    Limit limit = limit(TWO);
    fill(limit);
    wait(limit, Priority.LOW, "low");
    wait(limit, Priority.NORMAL, "normal");
    wait(limit, Priority.HIGH, "high");
    List<Object> order = new ArrayList<>();
    while (order.size() < 20) { // of the highest there is always one more
      wait(limit, Priority.HIGH, "high");
      limit.leave();
      order.add(next());
    }
    assertThat(order.indexOf("low")).isEqualTo(9);
    assertThat(order.indexOf("normal")).isEqualTo(19);
  }

  @Test
  void aShareIsKeptForTheHighestWhileTheyCome() throws Exception {
    Limit limit = limit(TWO.max(10).initial(10).highShare(0.2).maxWaiting(0));
    fill(limit); // all ten: nobody of the highest has come yet
    limit.leave();
    limit.leave();
    limit.leave();
    assertThat(limit.enter(Priority.HIGH, Ticker.NEVER)).isFalse();
    assertThat(catchThrowableOfType(Refused.class, () -> limit.enter(Priority.NORMAL, 0)))
        .isNotNull();
    assertThat(limit.enter(Priority.HIGH, Ticker.NEVER)).isFalse();
    assertThat(limit.enter(Priority.HIGH, Ticker.NEVER)).isFalse();

    Refused refused = catchThrowableOfType(Refused.class, () -> limit.enter(Priority.HIGH, 0));

    assertThat(refused.refusal()).isEqualTo(new Refusal.LimitReached(10, 10, 0, Priority.HIGH));
    assertThat(refused.left()).isPositive();
  }

  @Test
  void whoMattersLessIsRefusedFirst() throws Exception {
    Limit limit = limit(TWO.maxWaiting(3));
    fill(limit);
    wait(limit, Priority.LOW, "low 1");
    wait(limit, Priority.LOW, "low 2");
    wait(limit, Priority.NORMAL, "normal");

    Thread.ofVirtual().start(() -> enter(limit, Priority.HIGH, "high"));

    assertThat(next()).as("the last of the lowest").isInstanceOf(Refused.class);
    // One of each may stay, and none of its own is pushed out.
    assertThat(catchThrowableOfType(Refused.class, () -> limit.enter(Priority.HIGH, 0)))
        .isNotNull();
    assertThat(catchThrowableOfType(Refused.class, () -> limit.enter(Priority.LOW, 0))).isNotNull();
    assertThat(limit.snapshot().refused()).isEqualTo(3);
    limit.leave();
    limit.leave();
    limit.leave();
    assertThat(List.of(next(), next(), next()))
        .containsExactlyInAnyOrder("high", "normal", "low 1");
  }

  @Test
  void itsTimeIsTheOptionsOrTheRequests() throws Exception {
    Limit limit = limit(TWO.maxWait(Duration.ofMillis(30)));
    fill(limit);

    assertThat(catchThrowableOfType(Refused.class, () -> limit.enter(Priority.HIGH, Ticker.NEVER)))
        .isNotNull();
    long soon = Ticker.SYSTEM.nanos() + 10_000_000;
    StageFailure failure =
        catchThrowableOfType(StageFailure.class, () -> limit.enter(Priority.HIGH, soon));

    assertThat(failure.timeout()).isTrue();
    assertThat(limit.snapshot().waiting()).isZero();
    assertThat(limit.snapshot().inFlight()).isEqualTo(2);
  }

  @Test
  void whoIsInterruptedLeavesTheLine() throws Exception {
    Limit limit = limit(TWO);
    fill(limit);
    Thread caller = wait(limit, Priority.HIGH, "high");

    caller.interrupt();

    assertThat(next()).isInstanceOf(InterruptedException.class);
    assertThat(limit.snapshot().waiting()).isZero();
    limit.leave();
    limit.leave();
    assertThat(limit.snapshot().inFlight()).isZero();
  }

  @Test
  void whenTheClientIsClosedNobodyWaits() throws Exception {
    Limit limit = limit(TWO);
    fill(limit);
    wait(limit, Priority.LOW, "low");
    wait(limit, Priority.HIGH, "high");

    limit.close();

    assertThat(next()).isInstanceOf(StageFailure.class);
    assertThat(next()).isInstanceOf(StageFailure.class);
    assertThat(
            catchThrowableOfType(
                StageFailure.class, () -> limit.enter(Priority.HIGH, Ticker.NEVER)))
        .hasMessage("the client was closed");
  }
}
