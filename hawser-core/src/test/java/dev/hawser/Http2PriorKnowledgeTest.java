package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.OriginServer;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 in clear text, with servers that are known to speak it. */
@Timeout(60)
class Http2PriorKnowledgeTest {
  @Test
  void clearTextBeginsWithHttp2AndColdCallersShareOneConnection() throws Exception {
    try (OriginServer origin = OriginServer.builder().http2().start();
        HawserClient client = Hawser.newBuilder().http2(h -> h.priorKnowledge(true)).build()) {
      HttpRequest request = HttpRequest.newBuilder(origin.uri("/")).build();
      var calls = new ArrayList<CompletableFuture<Version>>();
      for (int i = 0; i < 32; i++) {
        calls.add(
            client
                .sendAsync(request, BodyHandlers.ofString())
                .thenApply(response -> response.version()));
      }
      assertThat(calls).allMatch(call -> call.join() == Version.HTTP_2);
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void whoAsksForHttp11GetsIt() throws Exception {
    try (OriginServer origin = OriginServer.builder().http2().start();
        HawserClient client = Hawser.newBuilder().http2(h -> h.priorKnowledge(true)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(origin.uri("/")).version(Version.HTTP_1_1).build();
      assertThat(client.send(request, BodyHandlers.ofString()).version())
          .isEqualTo(Version.HTTP_1_1);
    }
  }
}
