package dev.hawser.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** Spring's two clients, by the adapters that they have for the JDK's. */
class SpringTest extends WithHawser {
  @Test
  void restClient() {
    var factory = new JdkClientHttpRequestFactory(hawser);
    RestClient client =
        RestClient.builder().requestFactory(factory).baseUrl(origin.uri("").toString()).build();

    assertThat(client.get().uri("/bytes/100000").retrieve().body(byte[].class)).hasSize(100_000);
    assertThat(
            client
                .post()
                .uri("/echo")
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON)
                .retrieve()
                .body(String.class))
        .isEqualTo(JSON);
    byte[] streamed =
        client
            .get()
            .uri("/chunked/100000")
            .exchange((request, response) -> response.getBody().readAllBytes());
    assertThat(streamed).hasSize(100_000);
    assertThatThrownBy(() -> client.get().uri("/status/404").retrieve().toBodilessEntity())
        .isInstanceOf(HttpClientErrorException.NotFound.class);
    factory.setReadTimeout(Duration.ofMillis(200));
    assertThatThrownBy(() -> client.get().uri("/delay/30000").retrieve().toBodilessEntity())
        .isInstanceOf(ResourceAccessException.class)
        .hasCauseInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void webClient() {
    var connector = new JdkClientHttpConnector(hawser);
    WebClient client =
        WebClient.builder().clientConnector(connector).baseUrl(origin.uri("").toString()).build();

    assertThat(client.get().uri("/bytes/100000").retrieve().bodyToMono(byte[].class).block())
        .hasSize(100_000);
    assertThat(
            client
                .post()
                .uri("/echo")
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(JSON)
                .retrieve()
                .bodyToMono(String.class)
                .block())
        .isEqualTo(JSON);
    String streamed =
        client
            .get()
            .uri("/drip/3/50")
            .retrieve()
            .bodyToFlux(DataBuffer.class)
            .map(
                part -> {
                  String text = part.toString(StandardCharsets.US_ASCII);
                  DataBufferUtils.release(part);
                  return text;
                })
            .reduce(String::concat)
            .block();
    assertThat(streamed).isEqualTo("abc");
    assertThatThrownBy(
            () -> client.get().uri("/status/503").retrieve().bodyToMono(String.class).block())
        .isInstanceOf(WebClientResponseException.ServiceUnavailable.class);
    connector.setReadTimeout(Duration.ofMillis(200));
    assertThatThrownBy(
            () -> client.get().uri("/delay/30000").retrieve().bodyToMono(String.class).block())
        .isInstanceOf(WebClientRequestException.class)
        .hasCauseInstanceOf(HttpTimeoutException.class);
  }
}
