package dev.hawser.cli;

import dev.hawser.lab.Experiment;
import dev.hawser.lab.Programme;
import dev.hawser.lab.Result;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A bar with the time left, twice a second, where somebody looks. */
final class LabProgress implements Programme.Watcher, AutoCloseable {
  private static final int CELLS = 24;
  private static final int TICK_MILLIS = 500;

  private final Progress line;
  private final Console console;
  private final int experiments;
  private final LabOutcome outcome;
  private final CountDownLatch over = new CountDownLatch(1);
  // All guarded by this.
  private final long begun = System.nanoTime();
  private String what = "";
  private long end; // of all, as it is expected

  LabProgress(Console console, int experiments, LabOutcome outcome) {
    this.console = console;
    this.line = new Progress(console);
    this.experiments = experiments;
    this.outcome = outcome;
    if (line.wanted()) {
      Thread.ofVirtual().name("lab-progress").start(this::tick);
    }
  }

  @Override
  public synchronized void begins(Experiment experiment, int number, Duration left) {
    what = "%s (%d of %d)".formatted(experiment.id(), number, experiments);
    end = System.nanoTime() + left.toNanos();
  }

  @Override
  public synchronized void ended(Result result) {
    line.close();
    outcome.ended(result);
  }

  private void tick() {
    try {
      do {
        show();
      } while (!over.await(TICK_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void show() {
    if (over.getCount() == 0 || what.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    double share = Math.clamp((double) (now - begun) / Math.max(1, end - begun), 0, 1);
    int full = (int) Math.round(share * CELLS);
    String bar =
        (console.unicode() ? "█" : "#").repeat(full)
            + (console.unicode() ? "░" : ".").repeat(CELLS - full);
    long seconds = Math.max(1, (end - now + 999_999_999) / 1_000_000_000);
    line.show("%s %s, about %d s left".formatted(bar, what, seconds));
  }

  @Override
  public void close() {
    over.countDown();
    synchronized (this) {
      line.close();
    }
  }
}
