package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.OriginServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** Spring's RestClient on Hawser, by its own factory for the JDK's client. */
@Timeout(60)
class SpringRestClientTest {
  @Test
  void runsUnchanged() throws Exception {
    try (var origin = OriginServer.start();
        HawserClient hawser = Hawser.newHttpClient()) {
      RestClient client =
          RestClient.builder()
              .requestFactory(new JdkClientHttpRequestFactory(hawser))
              .baseUrl(origin.uri("").toString())
              .build();

      for (int i = 0; i < 20; i++) {
        assertThat(client.get().uri("/bytes/100000").retrieve().body(byte[].class))
            .hasSize(100_000);
        String echoed =
            client
                .post()
                .uri("/echo")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"a\":1}")
                .retrieve()
                .body(String.class);
        assertThat(echoed).isEqualTo("{\"a\":1}");
        assertThatThrownBy(() -> client.get().uri("/status/404").retrieve().toBodilessEntity())
            .isInstanceOf(HttpClientErrorException.NotFound.class);
      }
      assertThat(hawser.snapshot().leased()).isZero();
      assertThat(hawser.snapshot().counters().opened()).isLessThanOrEqualTo(3);
    }
  }
}
