package dev.hawser.websocket;

import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The future of a send: dependent actions run on the client's executor, if it has one. */
final class SendFuture<T> extends CompletableFuture<T> {
  private final @Nullable Executor executor;

  SendFuture(@Nullable Executor executor) {
    this.executor = executor;
  }

  /** One that has failed. */
  static SendFuture<WebSocket> failed(@Nullable Executor executor, Throwable error) {
    var future = new SendFuture<WebSocket>(executor);
    future.completeExceptionally(error);
    return future;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new SendFuture<>(executor);
  }

  @Override
  public Executor defaultExecutor() {
    return executor != null ? executor : super.defaultExecutor();
  }

  /** Completes on the executor: well, or with an error. */
  void finish(T value, @Nullable Throwable error) {
    Runnable completion =
        () -> {
          if (error == null) {
            complete(value);
          } else {
            completeExceptionally(error);
          }
        };
    if (executor == null) {
      completion.run();
      return;
    }
    try {
      executor.execute(completion);
    } catch (RuntimeException e) { // rejected: whoever waits must learn it all the same
      completion.run();
    }
  }
}
