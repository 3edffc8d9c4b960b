package dev.hawser.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Between its creation and its close, Ctrl-C lets the command say what it has before it ends. */
final class OnInterrupt implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 5;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;
  private final Console console;

  /**
   * Begins.
   *
   * @param console is flushed at the end
   * @param end makes the command come to its end; called on another thread
   */
  OnInterrupt(Console console, Runnable end) {
    this.console = console;
    this.hook = new Thread(() -> endAndWait(end), "hawser-interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Begins; the end comes by interrupting the present thread. */
  static OnInterrupt ofThisThread(Console console) {
    return new OnInterrupt(console, Thread.currentThread()::interrupt);
  }

  private void endAndWait(Runnable end) {
    end.run();
    try {
      boolean ended = done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        console.error("interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    console.flush();
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, by this very hook.
    }
  }
}
