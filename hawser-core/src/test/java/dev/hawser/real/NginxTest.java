package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ClientSnapshot;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real nginx. */
@Tag("real-servers")
@Timeout(120)
class NginxTest {
  private static final String SERVER =
      """
      client_max_body_size 0;
      keepalive_requests 1000;
      server {
        listen 127.0.0.1:PORT;
        root DIR/www;
        location = /small { return 200 "hello"; }
        location /up/ { dav_methods PUT; client_body_temp_path DIR/body; root DIR/www; create_full_put_path on; }
        location = /limited { client_max_body_size 1k; proxy_pass http://127.0.0.1:9/; }
        location = /gone { return 301 /small; }
      }
      """;

  @TempDir private Path dir;

  private RealServer nginx() throws Exception {
    Files.createDirectories(dir.resolve("www/up"));
    dir.toFile().setExecutable(true, false); // its worker is another user
    dir.toFile().setReadable(true, false);
    dir.resolve("www/up").toFile().setWritable(true, false);
    return RealServer.nginx(dir, SERVER);
  }

  @Test
  void reusesConnectionsThroughTheServersLimitOfRequests() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newHttpClient()) {
      var request = HttpRequest.newBuilder(server.uri("/small")).build();
      for (int i = 0; i < 2500; i++) {
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("hello");
      }
      ClientSnapshot.Counters counters = client.snapshot().counters();
      assertThat(counters.opened()).isEqualTo(3); // nginx says Connection: close at each thousandth
      assertThat(counters.failures()).isZero();
      assertThat(counters.repeats()).isZero();
    }
  }

  @Test
  void manyCallersShareThePool() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newBuilder().pool(p -> p.maxConnectionsPerHost(20)).build();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var request = HttpRequest.newBuilder(server.uri("/small")).build();
      var good = new AtomicInteger();
      var done =
          IntStream.range(0, 500)
              .mapToObj(
                  i ->
                      callers.submit(
                          () -> {
                            for (int n = 0; n < 20; n++) {
                              if (client
                                  .send(request, BodyHandlers.ofString())
                                  .body()
                                  .equals("hello")) {
                                good.incrementAndGet();
                              }
                            }
                            return null;
                          }))
              .toList();
      for (var each : done) {
        each.get();
      }
      assertThat(good).hasValue(10_000);
      assertThat(client.snapshot().open()).isLessThanOrEqualTo(20);
      assertThat(client.snapshot().leased()).isZero();
    }
  }

  @Test
  void asyncCallsComplete() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newHttpClient()) {
      var request = HttpRequest.newBuilder(server.uri("/small")).build();
      List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        calls.add(client.sendAsync(request, BodyHandlers.ofString()));
      }
      for (var call : calls) {
        assertThat(call.get().body()).isEqualTo("hello");
      }
    }
  }

  @Test
  void bodiesOfManySizesComeWhole() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newHttpClient()) {
      for (int size : new int[] {0, 1, 100, 16_383, 16_384, 16_385, 100_000, 20_000_000}) {
        byte[] content = new byte[size];
        Arrays.fill(content, (byte) size);
        Files.write(dir.resolve("www/file" + size), content);
        var request = HttpRequest.newBuilder(server.uri("/file" + size)).build();

        assertThat(client.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
        try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
          assertThat(body.readAllBytes()).isEqualTo(content);
        }
      }
      assertThat(client.snapshot().counters().opened()).isEqualTo(1);
    }
  }

  @Test
  void uploadsWithLengthAndChunked() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newHttpClient()) {
      byte[] content = "0123456789".repeat(500_000).getBytes(StandardCharsets.US_ASCII);
      Path file = Files.write(dir.resolve("content"), content);
      List<HttpRequest.BodyPublisher> bodies =
          List.of(
              BodyPublishers.ofByteArray(content),
              BodyPublishers.ofFile(file),
              BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(content)));
      for (int i = 0; i < bodies.size(); i++) {
        var put = HttpRequest.newBuilder(server.uri("/up/" + i)).PUT(bodies.get(i)).build();
        assertThat(client.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
        assertThat(dir.resolve("www/up/" + i)).hasBinaryContent(content);
      }
      assertThat(client.snapshot().counters().opened()).isEqualTo(1);
    }
  }

  @Test
  void anEarlyAnswerIsDelivered() throws Exception {
    try (RealServer server = nginx();
        HawserClient client = Hawser.newHttpClient()) {
      byte[] content = new byte[10_000_000];
      var post =
          HttpRequest.newBuilder(server.uri("/limited"))
              .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(content)))
              .build();
      HawserResponse<String> response = client.send(post, BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(client.snapshot().leased()).isZero();
    }
  }

  @Test
  void aRestartOfTheServerIsNotNoticedByCallers() throws Exception {
    try (HawserClient client = Hawser.newHttpClient()) {
      RealServer first = nginx();
      var request = HttpRequest.newBuilder(first.uri("/small")).build();
      client.send(request, BodyHandlers.ofString());
      first.close();
      assertThat(client.snapshot().open()).isEqualTo(1); // its connection is dead now
      try (RealServer second = RealServer.nginx(dir, SERVER, first.port())) {
        assertThat(client.send(request, BodyHandlers.ofString()).uri())
            .isEqualTo(second.uri("/small"));
      }
    }
  }
}
