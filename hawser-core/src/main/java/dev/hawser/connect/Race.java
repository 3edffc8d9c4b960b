package dev.hawser.connect;

import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Happy Eyeballs (RFC 8305 section 5): connects to the first address; when that has not answered
 * after the attempt delay, or has failed, to the next as well, and so on. The first to be connected
 * wins, the others are closed.
 */
final class Race {
  /** Connects one socket, blocking; the seam to the socket's options and errors. */
  interface Track {
    /** Makes an unconnected socket. */
    SocketChannel open() throws StageFailure;

    /** Connects it; returns when it is connected. */
    void connect(SocketChannel channel, InetSocketAddress address, long deadline)
        throws StageFailure;

    /** One attempt has ended; {@code failure} is null for the winner. */
    void ended(InetSocketAddress address, long since, @Nullable StageFailure failure);

    /** One attempt was still waiting when another won. */
    void overtaken(InetSocketAddress address, long since);
  }

  private final class Runner implements Runnable {
    private final InetSocketAddress address;
    private final SocketChannel channel;
    private final long since;

    Runner(InetSocketAddress address) throws StageFailure {
      this.address = address;
      this.channel = track.open();
      this.since = ticker.nanos();
    }

    @Override
    public void run() {
      StageFailure failure = null;
      try {
        track.connect(channel, address, deadline);
      } catch (StageFailure e) {
        failure = e.at(address);
      } catch (RuntimeException
          | Error e) { // who waits for the end of this must not do so for ever
        failure = StageFailure.of(Phase.CONNECT, e.toString(), "", e).at(address);
      }
      finished.add(new Finish(this, failure));
    }

    private void withdraw() {
      try {
        channel.close(); // ends a connect under way
      } catch (IOException e) {
        // It was of no use anyway.
      }
    }
  }

  private record Finish(Runner runner, @Nullable StageFailure failure) {}

  private final Track track;
  private final long attemptDelay;
  private final long deadline;
  private final Ticker ticker;
  private final BlockingQueue<Finish> finished = new LinkedBlockingQueue<>();
  private final List<Runner> running = new ArrayList<>();
  private @Nullable StageFailure last;

  /**
   * Prepares a race.
   *
   * @param attemptDelay in nanoseconds
   */
  Race(Track track, long attemptDelay, long deadline, Ticker ticker) {
    this.track = track;
    this.attemptDelay = attemptDelay;
    this.deadline = deadline;
    this.ticker = ticker;
  }

  /**
   * Returns a connected socket.
   *
   * @throws StageFailure the last one's, if all fail
   */
  SocketChannel run(List<InetSocketAddress> addresses) throws StageFailure, InterruptedException {
    Runner winner = null;
    try {
      int started = 0;
      long startNext = ticker.nanos();
      while (winner == null && (started < addresses.size() || !running.isEmpty())) {
        long now = ticker.nanos();
        if (started < addresses.size() && (running.isEmpty() || now >= startNext)) {
          start(addresses.get(started++));
          startNext = Ticker.after(now, attemptDelay);
        } else {
          // Each attempt ends by its own deadline, so this wait does, too.
          long patience = started < addresses.size() ? startNext - now : Ticker.NEVER;
          Finish finish = finished.poll(patience, TimeUnit.NANOSECONDS);
          if (finish != null) {
            winner = settle(finish);
            startNext = now;
          }
        }
      }
    } finally {
      for (Runner loser : running) {
        loser.withdraw();
        if (winner != null) {
          track.overtaken(loser.address, loser.since);
        }
      }
    }
    if (winner != null) {
      return winner.channel;
    }
    if (last == null) {
      throw new IllegalStateException("a race without addresses");
    }
    throw last;
  }

  private void start(InetSocketAddress address) {
    try {
      var runner = new Runner(address);
      running.add(runner);
      Thread.ofVirtual().name("hawser-connect").start(runner);
    } catch (StageFailure e) {
      last = e.at(address);
      track.ended(address, ticker.nanos(), last);
    }
  }

  /** Returns the runner if it has won. */
  private @Nullable Runner settle(Finish finish) {
    Runner runner = finish.runner();
    running.remove(runner);
    StageFailure failure = finish.failure();
    track.ended(runner.address, runner.since, failure);
    if (failure == null) {
      return runner;
    }
    runner.withdraw();
    last = failure;
    return null;
  }
}
