package dev.hawser.exchange;

import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber of the user's whose code runs on the user's executor, as with the JDK's client: it
 * may carry a context, such as that of the logs, from thread to thread. The call's own thread waits
 * meanwhile, so that no thread of the executor ever waits for the network.
 */
final class OnExecutor<T> implements BodySubscriber<T> {
  /**
   * Those of the JDK's in which no code of the user's runs. A stream that is read on the executor's
   * only thread could not be filled by that thread.
   */
  private static final Set<Class<?>> WITHOUT_CODE =
      Set.of(
          BodySubscribers.ofByteArray().getClass(),
          BodySubscribers.discarding().getClass(),
          BodySubscribers.ofInputStream().getClass());

  private final BodySubscriber<T> subscriber;
  private final Executor executor;

  private OnExecutor(BodySubscriber<T> subscriber, Executor executor) {
    this.subscriber = subscriber;
    this.executor = executor;
  }

  /** The same handler, on the executor where it has code of the user's. */
  static <T> BodyHandler<T> handler(BodyHandler<T> handler, Executor executor) {
    boolean ofTheJdk = handler.getClass().getModule() == HttpClient.class.getModule();
    return head -> {
      BodySubscriber<T> subscriber =
          ofTheJdk ? handler.apply(head) : call(executor, () -> handler.apply(head));
      return WITHOUT_CODE.contains(subscriber.getClass())
          ? subscriber
          : new OnExecutor<>(subscriber, executor);
    };
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    run(() -> subscriber.onSubscribe(subscription));
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    run(() -> subscriber.onNext(item));
  }

  @Override
  public void onError(Throwable throwable) {
    run(() -> subscriber.onError(throwable));
  }

  @Override
  public void onComplete() {
    run(subscriber::onComplete);
  }

  @Override
  public CompletionStage<T> getBody() {
    return call(executor, subscriber::getBody);
  }

  private void run(Runnable callback) {
    call(
        executor,
        () -> {
          callback.run();
          return true;
        });
  }

  /** What the callback throws comes out here; an interrupt is passed on to it. */
  static <V extends @Nullable Object> V call(Executor executor, Supplier<V> callback) {
    var task = new FutureTask<>(callback::get);
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) { // shut down: the response must not be lost
      task.run();
    }
    try {
      return task.get();
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw new CancellationException("the call was cancelled");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
