package dev.hawser.bench.measure;

import dev.hawser.bench.peer.Peer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** So many small GETs and no more, so many of them at once: what a start or a herd costs. */
final class Batch {
  private final Peer peer;
  private final int callers;
  private final AtomicInteger toBegin;
  private final CountDownLatch toEnd;
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicReference<@Nullable String> firstError = new AtomicReference<>();

  Batch(Peer peer, int count, int callers) {
    this.peer = peer;
    this.callers = callers;
    this.toBegin = new AtomicInteger(count);
    this.toEnd = new CountDownLatch(count);
  }

  /** Returns how many have no answer within the time. */
  long run(Duration patience) throws InterruptedException {
    for (int i = 0; i < callers; i++) {
      switch (peer) {
        case Peer.Blocking blocking -> Thread.ofVirtual().start(() -> loop(blocking));
        case Peer.Async async -> next(async);
      }
    }
    toEnd.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    return toEnd.getCount();
  }

  int errors() {
    return errors.get();
  }

  @Nullable String firstError() {
    return firstError.get();
  }

  private void loop(Peer.Blocking blocking) {
    while (toBegin.getAndDecrement() > 0) {
      try {
        var _ = blocking.get();
        toEnd.countDown();
      } catch (Exception e) {
        failed(e);
      }
    }
  }

  private void next(Peer.Async async) {
    if (toBegin.getAndDecrement() <= 0) {
      return;
    }
    async.get(
        new Peer.Answer() {
          @Override
          public void done(int status, byte[] body) {
            if (status == 200) {
              toEnd.countDown();
            } else {
              Batch.this.failed(new IllegalStateException("status " + status));
            }
            next(async);
          }

          @Override
          public void failed(Throwable cause) {
            Batch.this.failed(cause);
            next(async);
          }
        });
  }

  private void failed(Throwable cause) {
    errors.incrementAndGet();
    firstError.compareAndSet(null, cause.toString());
    toEnd.countDown();
  }
}
