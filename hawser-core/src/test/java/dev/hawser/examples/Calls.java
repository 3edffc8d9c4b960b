package dev.hawser.examples;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.FileBody;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Priority;
import dev.hawser.Timeline;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Examples of calls, shown in the API's documentation and in the README. */
final class Calls {
  private Calls() {}

  static HttpResponse<String> first(URI uri) throws IOException, InterruptedException {
    // @start region="first"
    HttpClient client = Hawser.newHttpClient(); // instead of HttpClient.newHttpClient()
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    // @end
    client.close();
    return response;
  }

  static int file(HttpClient client, URI uri, Path backup)
      throws IOException, InterruptedException {
    // @start region="file"
    HttpRequest upload = HttpRequest.newBuilder(uri).PUT(FileBody.of(backup)).build();
    int status = client.send(upload, BodyHandlers.discarding()).statusCode();
    // @end
    return status;
  }

  static void readme(HttpRequest request, Log log) throws IOException, InterruptedException {
    // @start region="readme"
    HttpClient client = Hawser.newHttpClient(); // instead of HttpClient.newHttpClient()

    HawserClient tuned =
        Hawser.newBuilder()
            .pool(p -> p.maxConnectionsPerHost(200).idleTimeout(Duration.ofSeconds(20)))
            .exchange(e -> e.headTimeout(Duration.ofSeconds(10)))
            .listener(
                event -> {
                  if (event instanceof ExchangeEvent.Repeated) log.info("{}", event);
                })
            .build();
    HawserResponse<String> response = tuned.send(request, BodyHandlers.ofString());
    // queue, dns, connect, tls, request, firstByte, body; and the connection's age and use
    log.info("{} over {}", response.timeline(), response.connection());
    // @end
    client.close();
    tuned.close();
  }

  static CompletableFuture<Timeline> async(HawserClient client, HttpRequest request) {
    // @start region="async"
    CompletableFuture<Timeline> timeline =
        client
            .sendAsync(request, BodyHandlers.ofString())
            .thenApply(response -> ((HawserResponse<String>) response).timeline());
    // @end
    return timeline;
  }

  static CompletableFuture<WebSocket> webSocket(HttpClient client, URI uri, Log log) {
    // @start region="websocket"
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public @Nullable CompletionStage<?> onText(
              WebSocket webSocket, CharSequence data, boolean last) {
            log.info("{}", data); // a part of a message; data may be kept
            webSocket.request(1); // the next, when there is room for it
            return null;
          }
        };
    CompletableFuture<WebSocket> sent =
        client
            .newWebSocketBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .buildAsync(uri, listener)
            .thenCompose(webSocket -> webSocket.sendText("hello", true))
            .thenCompose(webSocket -> webSocket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    // @end
    return sent;
  }

  static String checksum(HawserClient client, HttpRequest request)
      throws IOException, InterruptedException {
    // @start region="trailers"
    HawserResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    String checksum = response.trailers().firstValue("checksum").orElse("none");
    // @end
    return checksum;
  }

  static void slow(HawserResponse<?> response, Log log) {
    // @start region="timeline"
    Timeline t = response.timeline();
    if (t.total().toMillis() > 500) {
      log.info(
          t.firstByte().compareTo(t.total().dividedBy(2)) > 0
              ? "the server thinks: {}"
              : "it is us, or the network: {}",
          t);
    }
    // @end
  }

  static void connection(HawserResponse<?> response, Log log) {
    // @start region="connection"
    ConnectionInfo connection = response.connection();
    log.info("{}, TLS {}", connection, connection.tls().map(tls -> tls.version()).orElse("none"));
    // @end
  }

  static HttpResponse<String> priority(HttpClient client, HttpRequest request) throws Exception {
    // @start region="priority"
    HttpResponse<String> report =
        Priority.LOW.call(() -> client.send(request, BodyHandlers.ofString()));
    // @end
    return report;
  }
}
