package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.faults.OriginServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tls")
class SelfSignedTest {
  @Test
  void shakesHandsWithItself() throws Exception {
    var context = SelfSigned.context();
    try (var origin = OriginServer.builder().tls(context).start();
        var client = Hawser.newBuilder().sslContext(context).build()) {
      var request = HttpRequest.newBuilder(origin.uri("/")).build();
      var response = client.send(request, BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(200);
      var certificate =
          (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
      certificate.checkValidity();
      assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=127.0.0.1");
    }
  }
}
