package dev.hawser.cli;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What {@code get} and {@code bench} have in common: whom to ask, for what, and how to connect. */
final class ConnectionOptions {
  @Spec(Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "URL", description = "What to ask for, with http:// or https://.")
  private String url = "";

  @Option(names = {"-X", "--request"}, paramLabel = "METHOD", description = "Method; GET, or POST with --data.")
  private @Nullable String method;

  @Option(names = "--data", paramLabel = "TEXT", description = "Request body; @FILE sends a file.")
  private @Nullable String data;

  @Option(names = {"-H", "--header"}, paramLabel = "NAME: VALUE", description = "Request header; may be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(names = "--http1.1", description = "Use HTTP/1.1, which is all this version speaks.")
  private boolean http11;

  @Option(names = "--insecure", description = "Trust any certificate. For tests only.")
  private boolean insecure;

  @Option(names = "--cacert", paramLabel = "FILE", description = "Trust the CA certificates of this PEM file only.")
  private @Nullable Path cacert;

  @Option(names = "--cert", paramLabel = "FILE", description = "Client certificate chain, PEM.")
  private @Nullable Path cert;

  @Option(names = "--key", paramLabel = "FILE", description = "Client key, PEM, PKCS#8, not encrypted.")
  private @Nullable Path key;

  @Option(
      names = "--resolve",
      paramLabel = "HOST:PORT:ADDR",
      description = "Connect to this address instead of looking the host up; may be repeated.")
  private List<String> resolve = new ArrayList<>();

  @Option(names = "--connect-timeout", paramLabel = "D", description = "For name, TCP and TLS together.")
  private @Nullable Duration connectTimeout;

  @Option(names = "--tls-timeout", paramLabel = "D", description = "For the TLS handshake; default 2s.")
  private @Nullable Duration tlsTimeout;

  @Option(names = "--timeout", paramLabel = "D", description = "For a whole request.")
  private @Nullable Duration timeout;

  @Option(names = "--debug", description = "Print stack traces.")
  private boolean debug;

  ConnectionOptions() {}

  /** For the demonstration, which has no command line. */
  static ConnectionOptions of(URI uri, @Nullable Path cacert) {
    var options = new ConnectionOptions();
    options.url = uri.toString();
    options.cacert = cacert;
    return options;
  }

  boolean debug() {
    return debug;
  }

  boolean insecure() {
    return insecure;
  }

  URI uri() {
    try {
      URI uri = URI.create(url);
      if (uri.getScheme() == null || !uri.getScheme().toLowerCase(Locale.ROOT).matches("https?")) {
        throw usage("'" + url + "' does not begin with http:// or https://; do you mean http://" + url + " ?");
      }
      if (uri.getHost() == null) {
        throw usage("'" + url + "' has no host");
      }
      return uri;
    } catch (IllegalArgumentException e) {
      throw usage("'" + url + "' is no URL: " + e.getMessage());
    }
  }

  HttpRequest request() {
    try {
      BodyPublisher body = body();
      HttpRequest.Builder builder = HttpRequest.newBuilder(uri());
      builder.method(method != null ? method : data != null ? "POST" : "GET", body);
      for (String header : headers) {
        int colon = header.indexOf(':');
        if (colon <= 0) {
          throw usage("'" + header + "' is not a header such as 'Accept: text/plain'");
        }
        builder.header(header.substring(0, colon).strip(), header.substring(colon + 1).strip());
      }
      if (http11) {
        builder.version(Version.HTTP_1_1);
      }
      if (timeout != null) {
        builder.timeout(timeout);
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private BodyPublisher body() {
    if (data == null) {
      return BodyPublishers.noBody();
    }
    if (!data.startsWith("@")) {
      return BodyPublishers.ofString(data);
    }
    try {
      return BodyPublishers.ofFile(Path.of(data.substring(1)));
    } catch (IOException e) {
      throw usage("--data: no file " + data.substring(1));
    }
  }

  HawserClient.Builder client() {
    HawserClient.Builder builder = Hawser.newBuilder();
    Map<String, List<InetAddress>> hosts = hosts();
    builder.dns(d -> d.hosts(hosts));
    if (connectTimeout != null) {
      builder.connectTimeout(connectTimeout);
    }
    Duration handshake = tlsTimeout;
    if (handshake != null) {
      builder.tls(t -> t.handshakeTimeout(handshake));
    }
    try {
      var tls = Trust.context(insecure, cacert, cert, key);
      if (tls != null) {
        builder.sslContext(tls);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw usage(Errors.oneLine(e));
    }
    return builder;
  }

  private Map<String, List<InetAddress>> hosts() {
    var hosts = new HashMap<String, List<InetAddress>>();
    for (String entry : resolve) {
      String[] parts = entry.split(":", 3);
      if (parts.length < 3) {
        throw usage("--resolve: '" + entry + "' is not HOST:PORT:ADDR");
      }
      if (Integer.toString(port()).equals(parts[1])) {
        try {
          String address = parts[2].replaceAll("[\\[\\]]", "");
          hosts.computeIfAbsent(parts[0].toLowerCase(Locale.ROOT), host -> new ArrayList<>()).add(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException e) {
          throw usage("--resolve: '" + parts[2] + "' is no IP address");
        }
      }
    }
    return hosts;
  }

  private int port() {
    URI uri = uri();
    return uri.getPort() > 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private RuntimeException usage(String message) {
    return spec == null ? new IllegalArgumentException(message) : new ParameterException(spec.commandLine(), message);
  }
}
