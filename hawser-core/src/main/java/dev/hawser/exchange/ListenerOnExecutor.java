package dev.hawser.exchange;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket's listener that is called on the client's executor, as with the JDK's client. The
 * reader waits meanwhile, so that calls stay in order.
 */
record ListenerOnExecutor(WebSocket.Listener listener, Executor executor)
    implements WebSocket.Listener {
  @Override
  public void onOpen(WebSocket webSocket) {
    run(() -> listener.onOpen(webSocket));
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    return OnExecutor.call(executor, () -> listener.onText(webSocket, data, last));
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    return OnExecutor.call(executor, () -> listener.onBinary(webSocket, data, last));
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    return OnExecutor.call(executor, () -> listener.onPing(webSocket, message));
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    return OnExecutor.call(executor, () -> listener.onPong(webSocket, message));
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    return OnExecutor.call(executor, () -> listener.onClose(webSocket, statusCode, reason));
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    run(() -> listener.onError(webSocket, error));
  }

  private void run(Runnable call) {
    OnExecutor.call(
        executor,
        () -> {
          call.run();
          return true;
        });
  }
}
