package dev.hawser.examples;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.NameResolver;
import dev.hawser.TlsFile;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.http.HttpClient.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Examples of options, shown in the API's documentation. */
final class Options {
  private Options() {}

  static HawserClient builder() {
    // @start region="builder"
    HawserClient client =
        Hawser.newBuilder()
            .connectTimeout(Duration.ofSeconds(2)) // the JDK's options, as documented there
            .followRedirects(Redirect.NORMAL)
            .cookieHandler(new CookieManager())
            .pool(p -> p.maxConnectionsPerHost(50)) // Hawser's own, in groups
            .tls(t -> t.handshakeTimeout(Duration.ofSeconds(1)))
            .build();
    // @end
    return client;
  }

  static HawserClient.Builder pool() {
    return
    // @start region="pool"
    Hawser.newBuilder()
        .pool(
            p -> p.maxConnectionsPerHost(200).minIdlePerHost(2).waitTimeout(Duration.ofSeconds(1)));
    // @end
  }

  static HawserClient.Builder dns(InetAddress canary) {
    return
    // @start region="dns"
    Hawser.newBuilder()
        .dns(d -> d.timeout(Duration.ofSeconds(2)).hosts(Map.of("api.example", List.of(canary))));
    // @end
  }

  static HawserClient.Builder servers() {
    return
    // @start region="servers"
    Hawser.newBuilder().dns(d -> d.servers("192.0.2.53:5353", "tls://192.0.2.53#dns.example"));
    // @end
  }

  static HawserClient.Builder resolver(InetAddress instance) {
    // @start region="resolver"
    NameResolver registry =
        (host, timeout) -> new NameResolver.Answer(List.of(instance), Duration.ofSeconds(10));
    HawserClient.Builder builder = Hawser.newBuilder().dns(d -> d.resolver(registry));
    // @end
    return builder;
  }

  static HawserClient.Builder tcp() {
    return
    // @start region="tcp"
    Hawser.newBuilder().tcp(t -> t.connectTimeout(Duration.ofSeconds(1)));
    // @end
  }

  static HawserClient.Builder tls() {
    return
    // @start region="tls"
    Hawser.newBuilder().tls(t -> t.handshakeTimeout(Duration.ofSeconds(1)));
    // @end
  }

  static HawserClient.Builder tlsFiles(String password) {
    return
    // @start region="tlsFiles"
    Hawser.newBuilder()
        .tls(
            t ->
                t.roots(TlsFile.of(Path.of("/etc/service/ca.crt")))
                    .identity(TlsFile.of(Path.of("/etc/service/me.p12")).password(password)));
    // @end
  }

  static HawserClient.Builder http1() {
    return
    // @start region="http1"
    Hawser.newBuilder().http1(h -> h.maxHeaderBytes(256 * 1024).maxHeaders(1_000));
    // @end
  }

  static HawserClient.Builder http2() {
    return
    // @start region="http2"
    Hawser.newBuilder().http2(h -> h.maxConnectionsPerHost(2).maxConcurrentStreams(200));
    // @end
  }

  static HawserClient.Builder exchange() {
    return
    // @start region="exchange"
    Hawser.newBuilder()
        .exchange(e -> e.headTimeout(Duration.ofSeconds(10)).repeatNonIdempotent(true));
    // @end
  }

  static HawserClient.Builder retry() {
    return
    // @start region="retry"
    Hawser.newBuilder().retry(r -> r.maxRetries(2).maxRetryAfter(Duration.ofSeconds(3)));
    // @end
  }

  static HawserClient.Builder breaker() {
    return
    // @start region="breaker"
    Hawser.newBuilder().breaker(b -> b.enabled(true).openFor(Duration.ofSeconds(1)));
    // @end
  }

  static HawserClient.Builder ejection() {
    return
    // @start region="ejection"
    Hawser.newBuilder().ejection(e -> e.ejectFor(Duration.ofSeconds(10)).maxShare(0.3));
    // @end
  }

  static HawserClient.Builder limit() {
    return
    // @start region="limit"
    Hawser.newBuilder().limit(l -> l.enabled(true).maxWait(Duration.ofMillis(200)));
    // @end
  }

  static HawserClient.Builder hedge() {
    return
    // @start region="hedge"
    Hawser.newBuilder().hedge(h -> h.enabled(true).percentile(0.98));
    // @end
  }

  static HawserClient.Builder webSocket() {
    return
    // @start region="websocket"
    Hawser.newBuilder()
        .webSocket(w -> w.compression(true).maxMessage(1 << 20).idleTimeout(Duration.ofMinutes(2)));
    // @end
  }

  static HawserClient.Builder decompression() {
    return
    // @start region="decompression"
    Hawser.newBuilder().decompression(d -> d.enabled(true).maxBytes(64 * 1024 * 1024));
    // @end
  }
}
