package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket's listener that remembers what it heard, and lets a test wait for it. */
class Heard implements WebSocket.Listener {
  private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  final CompletableFuture<Throwable> error = new CompletableFuture<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  final boolean greedy;

  Heard() {
    this(true);
  }

  /** One that asks for nothing by itself, unless it is greedy. */
  Heard(boolean greedy) {
    this.greedy = greedy;
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    calls.add("open");
    more(webSocket);
  }

  private void more(WebSocket webSocket) {
    if (greedy) {
      webSocket.request(1);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      calls.add("text " + text);
      text.setLength(0);
    }
    more(webSocket);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    calls.add("binary " + StandardCharsets.ISO_8859_1.decode(data) + (last ? "" : "…"));
    more(webSocket);
    return null;
  }

  @Override
  public CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    calls.add("ping " + StandardCharsets.ISO_8859_1.decode(message));
    more(webSocket);
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    calls.add("pong " + StandardCharsets.ISO_8859_1.decode(message));
    more(webSocket);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    calls.add("close " + statusCode + " " + reason);
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable thrown) {
    calls.add("error");
    error.complete(thrown);
  }

  /** The next call. */
  String next() throws InterruptedException {
    String call = calls.poll(20, TimeUnit.SECONDS);
    assertThat(call).as("nothing was heard").isNotNull();
    return call;
  }

  /** Nothing more was heard so far. */
  boolean silent() {
    return calls.isEmpty();
  }
}
