package dev.hawser.exchange;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The future of a call, and of whatever is derived from it: cancelling any of them interrupts the
 * call's thread, which closes its connection.
 */
final class CallFuture<T> extends CompletableFuture<T> {
  private final Thread call;
  private final @Nullable Executor executor;

  CallFuture(Thread call, @Nullable Executor executor) {
    this.call = call;
    this.executor = executor;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CallFuture<>(call, executor);
  }

  @Override
  public Executor defaultExecutor() {
    return executor != null ? executor : super.defaultExecutor();
  }

  /**
   * Completes on the client's executor, if it has one of its own, so that dependent actions run
   * there.
   */
  void finish(Runnable completion) {
    if (executor == null) {
      completion.run();
      return;
    }
    try {
      executor.execute(completion);
    } catch (
        RuntimeException e) { // rejected: its owner has shut it down; the result must not be lost
      completion.run();
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (mayInterruptIfRunning && cancelled) {
      call.interrupt();
    }
    return cancelled;
  }
}
