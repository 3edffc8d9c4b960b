package dev.hawser.exchange;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Runs a call on a virtual thread of its own. */
final class AsyncCall<T> implements Runnable {
  /** What it runs. */
  @FunctionalInterface
  interface Running<T> {
    ExchangeResponse<T> run() throws IOException, InterruptedException;
  }

  private final Running<T> call;
  private final CallFuture<HttpResponse<T>> future;
  private final Thread thread;

  AsyncCall(Running<T> call, @Nullable Executor executor) {
    this.call = call;
    this.thread = Thread.ofVirtual().name("hawser-call").unstarted(this);
    this.future = new CallFuture<>(thread, executor);
  }

  void start() {
    thread.start();
  }

  CompletableFuture<HttpResponse<T>> future() {
    return future;
  }

  /** It is not to be run any more. */
  void fail(Throwable error) {
    // As the JDK's futures show it to actions; get and join unwrap it.
    future.finish(() -> future.completeExceptionally(new CompletionException(error)));
  }

  @Override
  public void run() {
    try {
      ExchangeResponse<T> response = call.run();
      future.finish(() -> future.complete(response));
    } catch (Throwable e) { // whatever it is belongs to whoever waits
      fail(e);
    }
  }
}
