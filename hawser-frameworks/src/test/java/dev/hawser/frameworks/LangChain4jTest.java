package dev.hawser.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.Hawser;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpMethod;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** LangChain4j's client, which takes a builder of the JDK's API: here Hawser's. */
class LangChain4jTest extends WithHawser {
  private HttpRequest request(HttpMethod method, String path, String body) {
    var request = HttpRequest.builder().method(method).url(origin.uri(path).toString());
    return body.isEmpty() ? request.build() : request.body(body).build();
  }

  @Test
  void langChain4j() throws Exception {
    HttpClient client =
        new JdkHttpClientBuilder()
            .httpClientBuilder(Hawser.newBuilder().sslContext(ROOT.clientContext()))
            .readTimeout(Duration.ofSeconds(2))
            .build();

    assertThat(client.execute(request(HttpMethod.GET, "/bytes/100000", "")).body())
        .hasSize(100_000);
    assertThat(client.execute(request(HttpMethod.POST, "/echo", JSON)).body()).isEqualTo(JSON);
    assertThat(events(client)).containsExactly("one", "two");
    assertThatThrownBy(() -> client.execute(request(HttpMethod.GET, "/status/404", "")))
        .isInstanceOfSatisfying(
            HttpException.class, e -> assertThat(e.statusCode()).isEqualTo(404));
    assertThatThrownBy(() -> client.execute(request(HttpMethod.GET, "/delay/30000", "")))
        .isInstanceOf(TimeoutException.class);
  }

  private List<String> events(HttpClient client) throws Exception {
    var events = new CopyOnWriteArrayList<String>();
    var closed = new CompletableFuture<Void>();
    client.execute(
        request(HttpMethod.POST, "/echo", "data: one\n\ndata: two\n\n"),
        new ServerSentEventListener() {
          @Override
          public void onEvent(ServerSentEvent event) {
            events.add(event.data());
          }

          @Override
          public void onError(Throwable error) {
            closed.completeExceptionally(error);
          }

          @Override
          public void onClose() {
            closed.complete(null);
          }
        });
    closed.get(10, TimeUnit.SECONDS);
    return events;
  }
}
