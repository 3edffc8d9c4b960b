package dev.hawser.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.mizosoft.methanol.Methanol;
import com.github.mizosoft.methanol.MoreBodyHandlers;
import com.github.mizosoft.methanol.MutableRequest;
import java.io.Reader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Methanol, which decorates a client: here Hawser. */
class MethanolTest extends WithHawser {
  @Test
  void methanol() throws Exception {
    Methanol client = Methanol.newBuilder(hawser).baseUri(origin.uri("/")).build();

    assertThat(client.send(MutableRequest.GET("/bytes/100000"), BodyHandlers.ofString()).body())
        .hasSize(100_000);
    assertThat(
            client
                .send(
                    MutableRequest.POST("/echo", BodyPublishers.ofString(JSON)),
                    BodyHandlers.ofString())
                .body())
        .isEqualTo(JSON);
    try (Reader reader =
        client.send(MutableRequest.GET("/drip/3/50"), MoreBodyHandlers.ofReader()).body()) {
      assertThat(reader.readAllAsString()).isEqualTo("abc");
    }
    assertThat(
            client
                .sendAsync(MutableRequest.GET("/status/404"), BodyHandlers.ofString())
                .get()
                .statusCode())
        .isEqualTo(404);
    assertThatThrownBy(
            () ->
                client.send(
                    MutableRequest.GET("/delay/30000").timeout(Duration.ofMillis(200)),
                    BodyHandlers.discarding()))
        .isInstanceOf(HttpTimeoutException.class);
  }
}
