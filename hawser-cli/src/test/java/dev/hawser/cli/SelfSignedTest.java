package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions.Provider;
import dev.hawser.faults.OriginServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.Security;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("tls")
class SelfSignedTest {
  @ParameterizedTest
  @EnumSource(Provider.class)
  void shakesHandsWithItself(Provider provider) throws Exception {
    var identity = SelfSigned.create();
    var root = identity.writePem();
    try (var client =
            Hawser.newBuilder().tls(t -> t.provider(provider).onlyRoots(TlsFile.of(root))).build();
        var origin =
            OriginServer.builder().tls(identity.context(Security.getProvider("SunJSSE"))).start()) {
      var request = HttpRequest.newBuilder(origin.uri("/")).build();
      var response = client.send(request, BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(200);
      var certificate =
          (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
      certificate.checkValidity();
      assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=127.0.0.1");
    } finally {
      Files.delete(root);
    }
  }
}
