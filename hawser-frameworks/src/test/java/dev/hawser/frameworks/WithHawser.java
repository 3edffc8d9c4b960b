package dev.hawser.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A Hawser, and a server that speaks HTTP/2 over TLS; all calls must have gone that way. */
@Timeout(60)
abstract class WithHawser {
  static final TestAuthority ROOT = TestAuthority.create();
  static final String JSON = "{\"a\":1}";

  OriginServer origin;
  HawserClient hawser;

  @BeforeEach
  void open() throws IOException {
    origin = OriginServer.builder().tls(ROOT.localhost().serverContext()).http2().start();
    hawser = Hawser.newBuilder().sslContext(ROOT.clientContext()).build();
  }

  @AfterEach
  void close() throws IOException {
    try (var _ = origin;
        var _ = hawser) {
      assertThat(origin.requestsPerConnection()).hasSize(1).allMatch(requests -> requests >= 4);
      assertThat(origin.violations()).isEmpty();
    }
  }
}
