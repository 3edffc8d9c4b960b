package dev.hawser.cli;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to connect, and what to trust. */
final class ConnectionOptions {
  @Option(
      names = {"-L", "--follow", "--location"},
      description = "Follow redirects, but never from https to http.")
  private boolean follow;

  @Option(
      names = "--max-redirects",
      paramLabel = "N",
      description = "How many, at most; default 5. Implies --follow.")
  private @Nullable Integer maxRedirects;

  @Option(names = "--http1.1", description = "Speak HTTP/1.1.")
  private boolean http11;

  @Option(
      names = "--http2",
      description = {
        "Speak HTTP/2 from the first byte, also over http. Without it and --http1.1, a server of",
        "https chooses (ALPN), and one of http is asked (Upgrade: h2c)."
      })
  private boolean http2;

  @Option(
      names = "--connect-timeout",
      paramLabel = "D",
      description = "For name, TCP and TLS together; without it, name 5s, TCP 3s, TLS 2s.")
  private @Nullable Duration connectTimeout;

  @Option(
      names = "--tls-timeout",
      paramLabel = "D",
      description = "For the TLS handshake; default 2s.")
  private @Nullable Duration tlsTimeout;

  @Option(
      names = "--tls-provider",
      paramLabel = "auto|jdk|conscrypt",
      description = "Whose TLS: Conscrypt's BoringSSL where it runs, or the JDK's; default auto.")
  private TlsOptions.Provider tlsProvider = TlsOptions.Provider.AUTO;

  @Option(
      names = "--resolve",
      paramLabel = "HOST:PORT:ADDR[,ADDR]",
      description = "Connect there instead of looking HOST up; may be repeated.")
  private List<String> resolve = new ArrayList<>();

  @Option(
      names = "--dns",
      paramLabel = "SERVER",
      description = {
        "Ask this DNS server instead of the system's: an address, with a port if it is not 53;",
        "tls://ADDRESS#NAME; https://ADDRESS/dns-query#NAME. May be repeated."
      })
  private List<String> dns = new ArrayList<>();

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "Trust the CA certificates in this file (PEM or PKCS#12), and no others.")
  private @Nullable Path cacert;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "Client certificate with its chain, PEM.")
  private @Nullable Path cert;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Its key, PEM (PKCS#8, not encrypted); default: in the file of --cert.")
  private @Nullable Path key;

  @Option(
      names = {"-k", "--insecure"},
      description = "Trust any certificate for any host. For tests only.")
  private boolean insecure;

  @Option(names = "--debug", description = "Print stack traces and what the library logs.")
  private boolean debug;

  ConnectionOptions() {}

  boolean debug() {
    return debug;
  }

  TlsOptions.Provider tlsProvider() {
    return tlsProvider;
  }

  boolean follows() {
    return follow || maxRedirects != null;
  }

  /** A client's builder; what may surprise is said on the console. */
  HawserClient.Builder client(Console console, URI uri, @Nullable Duration requestTimeout) {
    if (debug) {
      CommandLog.showEverything();
    }
    HawserClient.Builder builder = Hawser.newBuilder();
    builder.followRedirects(follows() ? Redirect.NORMAL : Redirect.NEVER);
    protocol(builder);
    limits(builder, requestTimeout);
    addresses(builder, console, uri);
    nameServers(builder);
    builder.tls(t -> t.provider(tlsProvider));
    trust(builder, console, uri);
    return builder;
  }

  /** Builds it; files that cannot be used are the caller's mistake. */
  static HawserClient build(HawserClient.Builder builder) {
    try {
      return builder.build();
    } catch (UncheckedIOException e) {
      String message = String.valueOf(e.getMessage());
      throw new UsageException(
          message.replace("tls.roots", "--cacert").replace("tls.identity", "--cert"), e);
    }
  }

  private void protocol(HawserClient.Builder builder) {
    if (http11 && http2) {
      throw new UsageException("--http1.1 and --http2 exclude each other");
    }
    builder.version(http11 ? Version.HTTP_1_1 : Version.HTTP_2);
    builder.http2(h -> h.priorKnowledge(http2));
  }

  private void limits(HawserClient.Builder builder, @Nullable Duration requestTimeout) {
    if (maxRedirects != null) {
      int most = maxRedirects;
      if (most < 0) {
        throw new UsageException("--max-redirects is " + most + "; it must be at least 0");
      }
      builder.exchange(e -> e.maxRedirects(most));
    }
    if (connectTimeout != null) {
      Duration connect = Durations.positive("--connect-timeout", connectTimeout);
      builder.connectTimeout(connect);
      builder.tcp(t -> t.connectTimeout(connect)).dns(d -> d.timeout(connect));
    }
    if (tlsTimeout != null) {
      Duration handshake = Durations.positive("--tls-timeout", tlsTimeout);
      builder.tls(t -> t.handshakeTimeout(handshake));
    }
    if (requestTimeout != null) {
      // Who gives a request an hour means it: no other deadline shall end it before.
      builder.exchange(
          e ->
              e.headTimeout(longer(e.headTimeout(), requestTimeout))
                  .bodyIdleTimeout(longer(e.bodyIdleTimeout(), requestTimeout)));
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private void addresses(HawserClient.Builder builder, Console console, URI uri) {
    if (resolve.isEmpty()) {
      return;
    }
    var fixed = new FixedAddresses(resolve);
    Map<String, List<InetAddress>> hosts = fixed.on(uri);
    if (!follows()) {
      fixed
          .without(uri)
          .forEach(entry -> console.warn("--resolve " + entry + " is not for " + uri));
    }
    builder.dns(d -> d.hosts(hosts));
  }

  private void nameServers(HawserClient.Builder builder) {
    try {
      builder.dns(d -> d.servers(dns.toArray(String[]::new)));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--dns: " + e.getMessage(), e);
    }
  }

  private void trust(HawserClient.Builder builder, Console console, URI uri) {
    if (key != null && cert == null) {
      throw new UsageException("--key needs --cert");
    }
    if (insecure && cacert != null) {
      throw new UsageException("--insecure trusts anyone: --cacert would have no effect");
    }
    builder.tls(t -> t.trustAnyone(insecure));
    if (cacert != null) {
      TlsFile roots = TlsFile.of(cacert);
      builder.tls(t -> t.onlyRoots(roots));
    }
    if (cert != null) {
      TlsFile certificates = TlsFile.of(cert);
      TlsFile keyFile = key == null ? certificates : TlsFile.of(key);
      builder.tls(t -> t.identity(certificates, keyFile));
    }
    if (insecure && "https".equalsIgnoreCase(uri.getScheme())) {
      console.warn("--insecure: nobody's certificate is checked; anyone may be at the other end");
    }
  }
}
