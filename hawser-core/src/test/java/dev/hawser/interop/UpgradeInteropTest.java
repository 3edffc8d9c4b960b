package dev.hawser.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What servers make of {@code Upgrade: h2c}: those that know it, and those that do not. */
@Timeout(120)
class UpgradeInteropTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path dir;

  /** The first request asks; the answer to it and to those that follow is whole. */
  private static void asked(Server server, Protocol port, Version answer) throws Exception {
    try (server;
        HawserClient client = Hawser.newBuilder().build()) {
      for (long size : new long[] {16_385, 1_000_000, 0}) {
        HttpRequest request =
            HttpRequest.newBuilder(server.uri(port, "/bytes/" + size)).timeout(PATIENCE).build();
        HawserResponse<String> response = client.send(request, Content.checked());
        assertThat(response.body()).isEqualTo(size + " bytes");
        assertThat(response.version()).isEqualTo(answer);
      }
      assertThat(client.snapshot().counters().opened()).isEqualTo(1);
    }
  }

  @Test
  void jettyAgrees() throws Exception {
    asked(JettyServer.start(Site.in(dir)), Protocol.HTTP_2, Version.HTTP_2);
  }

  @Test
  @Tag("real-servers")
  void nginxAnswersInHttp1() throws Exception {
    asked(DebianServer.nginx(Site.in(dir)), Protocol.HTTP_1, Version.HTTP_1_1);
  }

  @Test
  @Tag("real-servers")
  void haproxyAgrees() throws Exception {
    asked(DebianServer.haproxy(Site.in(dir)), Protocol.HTTP_1, Version.HTTP_2);
  }

  /**
   * Apache 2.4.71 closes a connection that has been upgraded as soon as it would wait: for a window
   * in the middle of a body, for another request after it. (The JDK's client fails with it, too.)
   * So one small response is all that can be relied on.
   */
  @Test
  @Tag("real-servers")
  void apacheAgrees() throws Exception {
    try (Server server = DebianServer.apache(Site.in(dir));
        HawserClient client = Hawser.newBuilder().build()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.uri(Protocol.HTTP_2, "/bytes/16385"))
              .timeout(PATIENCE)
              .build();
      HawserResponse<String> response = client.send(request, Content.checked());
      assertThat(response.body()).isEqualTo("16385 bytes");
      assertThat(response.version()).isEqualTo(Version.HTTP_2);
    }
  }

  @Test
  @Tag("real-servers")
  void nodeAnswersInHttp1() throws Exception {
    asked(DebianServer.node(Site.in(dir)), Protocol.HTTP_1, Version.HTTP_1_1);
  }
}
