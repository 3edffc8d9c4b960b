package dev.hawser.exchange;

import dev.hawser.BreakerOptions;
import dev.hawser.DecompressionOptions;
import dev.hawser.DnsOptions;
import dev.hawser.EjectionOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.LimitOptions;
import dev.hawser.NameServer;
import dev.hawser.PoolOptions;
import dev.hawser.RetryOptions;
import dev.hawser.dns.Sources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends DNS queries over HTTPS (RFC 8484), each server by a client of its own. That one knows the
 * server's address, or asks the system for it: it cannot ask itself.
 */
final class DnsOverHttps implements Sources.Https {
  private static final String MESSAGE = "application/dns-message";
  private static final int MAX_MESSAGE = 65_535;
  private static final int CONNECTIONS = 4;

  /** A server's client, and the URL to post to. */
  private record Post(Client client, URI uri) {}

  private final Settings settings;
  private final TlsSettings tls;
  private final Map<NameServer, Post> posts = new ConcurrentHashMap<>();
  private volatile boolean closed; // by close

  DnsOverHttps(Settings settings, TlsSettings tls) {
    this.settings = settings;
    this.tls = tls;
  }

  @Override
  public byte[] post(NameServer server, byte[] query, Duration timeout)
      throws IOException, InterruptedException {
    Post post = posts.computeIfAbsent(server, this::open);
    if (closed) {
      post.client().shutdownNow(); // opened by a look-up that the close has overtaken
    }
    HttpRequest request =
        HttpRequest.newBuilder(post.uri())
            .timeout(timeout)
            .header("Content-Type", MESSAGE)
            .header("Accept", MESSAGE)
            .POST(BodyPublishers.ofByteArray(query))
            .build();
    HttpResponse<byte[]> response =
        post.client().send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_MESSAGE));
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (response.statusCode() != 200 || !type.equalsIgnoreCase(MESSAGE)) {
      throw new IOException(
          "it answers with status " + response.statusCode() + " and content type \"" + type + "\"");
    }
    return response.body();
  }

  private Post open(NameServer server) {
    String name = server.name().orElse(server.host());
    String host = name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    var uri = URI.create("https://" + host + ":" + server.port() + server.path());
    Map<String, List<InetAddress>> known =
        name.equals(server.host())
            ? Map.of()
            : Map.of(name, List.of(InetAddress.ofLiteral(server.host())));
    return new Post(new Client(bootstrap(known), tls), uri);
  }

  private Settings bootstrap(Map<String, List<InetAddress>> known) {
    return new Settings(
        PoolOptions.DEFAULTS.maxConnectionsPerHost(CONNECTIONS),
        DnsOptions.DEFAULTS.hosts(known),
        settings.tcp(),
        settings.tls(),
        settings.http1(),
        settings.http2(),
        settings.exchange().repeatNonIdempotent(true), // a query changes nothing
        RetryOptions.DEFAULTS,
        BreakerOptions.DEFAULTS,
        EjectionOptions.DEFAULTS,
        LimitOptions.DEFAULTS,
        HedgeOptions.DEFAULTS,
        settings.webSocket(),
        DecompressionOptions.DEFAULTS,
        List.of(),
        null,
        settings.connectTimeout(),
        settings.sslContext(),
        settings.sslParameters(),
        null,
        Redirect.NEVER,
        Version.HTTP_1_1,
        HttpClient.Builder.NO_PROXY,
        null,
        settings.localAddress());
  }

  /** Connections made with what the files said before are used no more. */
  void certificatesChanged() {
    posts.values().forEach(post -> post.client().certificatesChanged());
  }

  @Override
  public void close() {
    closed = true;
    posts.values().forEach(post -> post.client().shutdownNow());
  }
}
