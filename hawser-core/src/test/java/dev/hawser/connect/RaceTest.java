package dev.hawser.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which address wins, and what becomes of the others. */
@Timeout(30)
class RaceTest {
  private static final InetSocketAddress ONE = new InetSocketAddress("127.0.0.1", 1);
  private static final InetSocketAddress TWO = new InetSocketAddress("127.0.0.2", 2);
  private static final InetSocketAddress THREE = new InetSocketAddress("127.0.0.3", 3);
  private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(50);

  private final Course course = new Course();

  @AfterEach
  void nothingIsLeftOpen() throws Exception {
    course.fates.values().forEach(fate -> fate.complete("the story is over"));
    assertThat(course.channels.values())
        .filteredOn(SocketChannel::isOpen)
        .as("sockets open after the race, but for the winner's")
        .hasSizeLessThanOrEqualTo(1);
    for (SocketChannel channel : course.channels.values()) {
      channel.close();
    }
  }

  @Test
  void theFirstThatAnswersInTimeIsAlone() throws Exception {
    course.connects(ONE);

    assertThat(run(DELAY, ONE, TWO)).isSameAs(course.channels.get(ONE));
    assertThat(course.begun).containsExactly(ONE);
    assertThat(course.told).containsExactly(ONE + " won");
  }

  @Test
  void afterTheAttemptDelayTheNextRunsBesides() throws Exception {
    course.connects(TWO);

    long start = System.nanoTime();
    assertThat(run(DELAY, ONE, TWO, THREE)).isSameAs(course.channels.get(TWO));
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(DELAY);
    assertThat(course.begun).containsExactly(ONE, TWO);
    assertThat(course.told).containsExactly(TWO + " won", ONE + " overtaken");
    assertThat(course.channels.get(ONE).isOpen()).isFalse();
  }

  @Test
  void aFailureStartsTheNextAtOnce() throws Exception {
    course.fails(ONE, "refused");
    course.connects(TWO);

    assertThat(run(Ticker.NEVER, ONE, TWO)).isSameAs(course.channels.get(TWO));
    assertThat(course.told).containsExactly(ONE + " failed: refused", TWO + " won");
    assertThat(course.channels.get(ONE).isOpen()).isFalse();
  }

  @Test
  void aFailureOfOneDoesNotStopAnotherUnderWay() throws Exception {
    course.fails(TWO, "refused");
    course.whenEnded(TWO, () -> course.connects(ONE));

    assertThat(run(DELAY, ONE, TWO)).isSameAs(course.channels.get(ONE));
    assertThat(course.told).containsExactly(TWO + " failed: refused", ONE + " won");
  }

  @Test
  void whenAllFailTheLastSaysWhy() {
    course.fails(ONE, "refused");
    course.fails(TWO, "unreachable");

    assertThatThrownBy(() -> run(DELAY, ONE, TWO))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining("unreachable");
    assertThat(course.told).containsExactly(ONE + " failed: refused", TWO + " failed: unreachable");
  }

  @Test
  void anAddressWithoutASocketFailsAsAnyOther() throws Exception {
    course.socketless(ONE);
    course.connects(TWO);

    assertThat(run(Ticker.NEVER, ONE, TWO)).isSameAs(course.channels.get(TWO));
    assertThat(course.told).containsExactly(ONE + " failed: no socket", TWO + " won");
  }

  @Test
  void whoIsInterruptedLeavesNothingRunning() throws Exception {
    course.whenBegun(TWO, Thread.currentThread()::interrupt);

    assertThatThrownBy(() -> run(DELAY, ONE, TWO)).isInstanceOf(InterruptedException.class);
    assertThat(course.begun).containsExactly(ONE, TWO);
    assertThat(course.channels.values()).noneMatch(SocketChannel::isOpen);
    assertThat(course.told).as("nobody is blamed").isEmpty();
  }

  private SocketChannel run(long attemptDelay, InetSocketAddress... addresses)
      throws StageFailure, InterruptedException {
    course.order = List.of(addresses);
    return new Race(course, attemptDelay, Ticker.NEVER, Ticker.SYSTEM).run(List.of(addresses));
  }

  /** Addresses whose fates the story decides; undecided, they neither connect nor fail. */
  private static final class Course implements Race.Track {
    final Map<InetSocketAddress, CompletableFuture<String>> fates = new ConcurrentHashMap<>();
    final Map<InetSocketAddress, Runnable> starts = new ConcurrentHashMap<>();
    final Map<InetSocketAddress, Runnable> ends = new ConcurrentHashMap<>();
    final Map<InetSocketAddress, SocketChannel> channels = new ConcurrentHashMap<>();
    final List<InetSocketAddress> begun = new CopyOnWriteArrayList<>();
    final List<String> told = new CopyOnWriteArrayList<>();
    final List<InetSocketAddress> without = new CopyOnWriteArrayList<>();
    List<InetSocketAddress> order = List.of();
    private int opened;

    private CompletableFuture<String> fate(InetSocketAddress address) {
      return fates.computeIfAbsent(address, a -> new CompletableFuture<>());
    }

    void connects(InetSocketAddress address) {
      fate(address).complete("");
    }

    void fails(InetSocketAddress address, String why) {
      fate(address).complete(why);
    }

    void socketless(InetSocketAddress address) {
      without.add(address);
    }

    void whenBegun(InetSocketAddress address, Runnable happens) {
      starts.put(address, happens);
    }

    void whenEnded(InetSocketAddress address, Runnable happens) {
      ends.put(address, happens);
    }

    @Override
    public SocketChannel open() throws StageFailure {
      InetSocketAddress address = order.get(opened++);
      if (without.contains(address)) {
        throw failure("no socket");
      }
      try {
        SocketChannel channel = SocketChannel.open();
        channels.put(address, channel);
        return channel;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void connect(SocketChannel channel, InetSocketAddress address, long deadline)
        throws StageFailure {
      begun.add(address);
      starts.getOrDefault(address, () -> {}).run();
      String why = fate(address).join();
      if (!why.isEmpty()) {
        throw failure(why);
      }
    }

    @Override
    public void ended(InetSocketAddress address, long since, StageFailure failure) {
      told.add(address + (failure == null ? " won" : " failed: " + failure.problem()));
      ends.getOrDefault(address, () -> {}).run();
    }

    @Override
    public void overtaken(InetSocketAddress address, long since) {
      told.add(address + " overtaken");
    }

    private static StageFailure failure(String why) {
      return StageFailure.of(Phase.CONNECT, why, "", null);
    }
  }
}
