package dev.hawser.bench.websocket;

import com.sun.management.OperatingSystemMXBean;
import dev.hawser.Hawser;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The process that is measured: one client, one WebSocket, one direction. Prints how many messages
 * went, in how many nanoseconds, of how many of the process's CPU.
 */
final class MeasuredClient {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** OkHttp takes what it is given into a queue, and closes when that holds 16 MiB. */
  private static final long QUEUED = 1024 * 1024;

  private final LongAdder messages = new LongAdder();

  private MeasuredClient() {}

  /** The client's name, where, {@code receive} or {@code send}, bytes, warm-up and time in ms. */
  public static void main(String[] args) throws InterruptedException {
    var measured = new MeasuredClient();
    URI uri = URI.create(args[1]);
    boolean sends = args[2].equals("send");
    int size = Integer.parseInt(args[3]);
    Thread.ofPlatform().daemon().start(() -> measured.run(args[0], uri, sends, size));
    Thread.sleep(Duration.ofMillis(Long.parseLong(args[4])));
    long count = measured.messages.sum();
    long nanos = System.nanoTime();
    long cpu = SYSTEM.getProcessCpuTime();
    Thread.sleep(Duration.ofMillis(Long.parseLong(args[5])));
    System.out.println(
        measured.messages.sum()
            - count
            + " "
            + (System.nanoTime() - nanos)
            + " "
            + (SYSTEM.getProcessCpuTime() - cpu));
    System.exit(0);
  }

  private void run(String client, URI uri, boolean sends, int size) {
    switch (client) {
      case "hawser" -> run(Hawser.newBuilder().build(), uri, sends, size);
      case "jdk" -> run(HttpClient.newHttpClient(), uri, sends, size);
      case "okhttp" -> okHttp(uri, sends, size);
      default -> throw new IllegalArgumentException("no such client: " + client);
    }
  }

  // ---- java.net.http

  private void run(HttpClient client, URI uri, boolean sends, int size) {
    WebSocket socket = client.newWebSocketBuilder().buildAsync(uri, new Counting()).join();
    ByteBuffer message = ByteBuffer.allocate(size);
    while (sends) {
      socket.sendBinary(message.clear(), true).join();
      messages.increment();
    }
    LockSupport.park(); // the listener counts
  }

  private final class Counting implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      if (last) {
        messages.increment();
      }
      socket.request(1);
      return null;
    }
  }

  // ---- OkHttp

  private void okHttp(URI uri, boolean sends, int size) {
    okhttp3.WebSocket socket =
        new OkHttpClient()
            .newWebSocket(
                new Request.Builder().url(uri.toString()).build(),
                new WebSocketListener() {
                  @Override
                  public void onOpen(okhttp3.WebSocket opened, Response response) {}

                  @Override
                  public void onMessage(okhttp3.WebSocket from, ByteString bytes) {
                    messages.increment();
                  }
                });
    ByteString message = ByteString.of(new byte[size]);
    while (sends) {
      while (socket.queueSize() > QUEUED) {
        LockSupport.parkNanos(100_000);
      }
      socket.send(message);
      messages.increment();
    }
    LockSupport.park();
  }
}
