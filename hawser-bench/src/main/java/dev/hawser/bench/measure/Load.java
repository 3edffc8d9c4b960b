package dev.hawser.bench.measure;

import dev.hawser.bench.peer.Peer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Small GETs without a pause by a fixed number of callers, each of which has one request in flight
 * at all times.
 *
 * <p>Closed loop on purpose: the figure of interest is CPU per request, and the client's core is to
 * be busy.
 */
final class Load {
  private static final int BODY = 64;

  private final int callers;
  private final CountDownLatch finished;
  private final AtomicLong errors = new AtomicLong();
  private final AtomicReference<@Nullable String> firstError = new AtomicReference<>();
  private final Executor afterErrors = CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);
  // Written by the controlling thread only: null outside the measured window.
  private volatile @Nullable Histogram window;
  private volatile boolean running = true;

  Load(int callers) {
    this.callers = callers;
    this.finished = new CountDownLatch(callers);
  }

  void start(Peer peer) {
    switch (peer) {
      case Peer.Blocking blocking -> {
        ThreadFactory threads =
            blocking.onPlatformThreads()
                ? Thread.ofPlatform().daemon().factory()
                : Thread.ofVirtual().factory();
        for (int i = 0; i < callers; i++) {
          threads.newThread(() -> loop(blocking)).start();
        }
      }
      case Peer.Async async -> {
        for (int i = 0; i < callers; i++) {
          new Chain(async).next();
        }
      }
    }
  }

  void measureInto(@Nullable Histogram histogram) {
    window = histogram;
  }

  /** Lets every caller finish its request; returns how many did not within the time. */
  long stop(Duration patience) throws InterruptedException {
    running = false;
    finished.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    return finished.getCount();
  }

  long errors() {
    return errors.get();
  }

  @Nullable String firstError() {
    return firstError.get();
  }

  private void loop(Peer.Blocking peer) {
    while (running) {
      long start = System.nanoTime();
      try {
        answered(start, 200, peer.get());
      } catch (Exception e) {
        failed(e);
        pause();
      }
    }
    finished.countDown();
  }

  private static void pause() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a caller", e);
    }
  }

  private void answered(long start, int status, byte @Nullable [] body) {
    if (status != 200 || body == null || body.length != BODY) {
      failed(
          new IllegalStateException(
              "status " + status + ", body " + (body == null ? "null" : body.length)));
      return;
    }
    Histogram histogram = window;
    if (histogram != null) {
      histogram.record(System.nanoTime() - start);
    }
  }

  private void failed(Throwable cause) {
    errors.incrementAndGet();
    if (firstError.get() == null) {
      firstError.compareAndSet(null, cause.toString());
    }
  }

  /** One caller of an asynchronous client: the answer's callback issues the next request. */
  private final class Chain implements Peer.Answer {
    private final Peer.Async peer;
    private long start;

    Chain(Peer.Async peer) {
      this.peer = peer;
    }

    void next() {
      if (!running) {
        finished.countDown();
        return;
      }
      start = System.nanoTime();
      try {
        peer.get(this);
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    @Override
    public void done(int status, byte[] body) {
      answered(start, status, body);
      next();
    }

    @Override
    public void failed(Throwable cause) {
      Load.this.failed(cause);
      if (running) {
        // Not at once: a client that fails in the call itself would recurse.
        afterErrors.execute(this::next);
      } else {
        finished.countDown();
      }
    }
  }
}
