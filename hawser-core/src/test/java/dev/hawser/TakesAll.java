package dev.hawser;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;

/** A user's own subscriber: wants the whole body, and does with an error what the test says. */
final class TakesAll implements BodySubscriber<String> {
  private final CompletableFuture<String> body = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final BiConsumer<CompletableFuture<String>, Throwable> onError;

  TakesAll(BiConsumer<CompletableFuture<String>, Throwable> onError) {
    this.onError = onError;
  }

  @Override
  public CompletionStage<String> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    item.forEach(part -> text.append(StandardCharsets.ISO_8859_1.decode(part)));
  }

  @Override
  public void onError(Throwable throwable) {
    onError.accept(body, throwable);
  }

  @Override
  public void onComplete() {
    body.complete(text.toString());
  }
}
