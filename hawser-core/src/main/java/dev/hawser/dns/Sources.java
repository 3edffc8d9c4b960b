package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.NameServer;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked for a name, as options and system say; the files of the system are read again when
 * they change.
 */
public final class Sources {
  /** Sends a query over HTTPS; the seam to the client, which is above this stage. */
  public interface Https {
    /** Posts a DNS message to the server and returns the body of its answer. */
    byte[] post(NameServer server, byte[] query, Duration timeout)
        throws IOException, InterruptedException;

    /** Gives up what is kept open. */
    void close();
  }

  /** The system's files, and the port that they mean; tests have their own. */
  public record Files(Path resolvConf, Path hosts, int dnsPort) {
    /** Where Unix has them; the hosts file, where the JDK is told to look. */
    public static final Files SYSTEM =
        new Files(
            Path.of("/etc/resolv.conf"),
            Path.of(System.getProperty("jdk.net.hosts.file", "/etc/hosts")),
            53);
  }

  private final DnsOptions options;
  private final Files files;
  private final Ticker ticker;
  private final WatchedFile<HostsFile> hosts;
  private final WatchedFile<ResolvConf> resolvConf;
  private final Servers servers;
  private final Https https;
  private final StubResolver stub;
  private final SystemResolver system;

  /** Whether InetAddress is not the platform's own: then it, and nothing else, is asked. */
  private final boolean systemOnly =
      SystemResolver.replaced() || System.getProperty("jdk.net.hosts.file") != null;

  public Sources(
      DnsOptions options, Files files, Supplier<SSLContext> tls, Https https, Ticker ticker) {
    this.options = options;
    this.files = files;
    this.https = https;
    this.ticker = ticker;
    this.hosts = new WatchedFile<>(files.hosts(), HostsFile::parse, HostsFile.EMPTY, ticker);
    this.resolvConf =
        new WatchedFile<>(
            files.resolvConf(),
            text -> ResolvConf.parse(text, files.dnsPort()),
            ResolvConf.EMPTY,
            ticker);
    this.servers = new Servers(this::configuration, server -> exchanger(server, tls), ticker);
    this.stub = new StubResolver(servers, this::configuration, options.maxNegativeTtl(), ticker);
    this.system = new SystemResolver(ticker);
  }

  private Exchanger exchanger(NameServer server, Supplier<SSLContext> tls) {
    return switch (server.transport()) {
      case DNS ->
          new UdpExchanger(
              new InetSocketAddress(InetAddress.ofLiteral(server.host()), server.port()), ticker);
      case TLS -> new TlsExchanger(server, tls, ticker);
      case HTTPS ->
          new HttpsExchanger((query, timeout) -> https.post(server, query, timeout), ticker);
    };
  }

  /** The servers in force, and how to ask them. */
  ResolvConf configuration() {
    return options.servers().isEmpty() ? resolvConf.content() : ResolvConf.of(options.servers());
  }

  /** Where InetAddress alone is asked, it has its own way with the file, or has none. */
  HostsFile hosts() {
    return systemOnly && options.servers().isEmpty() ? HostsFile.EMPTY : hosts.content();
  }

  /** What needs no look-up: the hosts file, and localhost where that is silent (RFC 6761 6.3). */
  List<InetAddress> local(String host) {
    List<InetAddress> inFile = hosts().of(host);
    if (inFile.isEmpty() && (host.equals("localhost") || host.endsWith(".localhost"))) {
      return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
    }
    return inFile;
  }

  /** The entries that a name is made of: one a family, the preferred one first. */
  List<Entry> entries(String host) {
    Optional<Source> given = given();
    if (given.isPresent()) {
      return List.of(new Entry(host, RecordType.ADDRESS, given.get()));
    }
    if (dns().isEmpty()) {
      return List.of(new Entry(host, RecordType.ADDRESS, system));
    }
    var v4 = new Entry(host, RecordType.A, stub);
    if (Boolean.getBoolean("java.net.preferIPv4Stack")) {
      return List.of(v4);
    }
    var v6 = new Entry(host, RecordType.AAAA, stub);
    // RFC 8305 section 4 prefers IPv6; the JDK's property, where somebody has set it, decides.
    return "false".equals(System.getProperty("java.net.preferIPv6Addresses"))
        ? List.of(v4, v6)
        : List.of(v6, v4);
  }

  /** DNS, where it is what names are resolved by. */
  Optional<Source> dns() {
    boolean asked =
        options.resolver().isEmpty()
            && (!options.servers().isEmpty()
                || !systemOnly && !configuration().servers().isEmpty());
    return asked ? Optional.of(stub) : Optional.empty();
  }

  /**
   * The system's resolver beside DNS, where the servers are the system's: it may know names that
   * are not in DNS, and ways to them that we do not.
   */
  @Nullable Entry fallback(String host) {
    return options.servers().isEmpty() && dns().isPresent()
        ? new Entry(host, RecordType.ADDRESS, system)
        : null;
  }

  /** This server alone, asked as the others are. */
  Source only(NameServer server) {
    Supplier<ResolvConf> alone = () -> configuration().with(List.of(server));
    return new StubResolver(servers.among(alone), alone, options.maxNegativeTtl(), ticker);
  }

  /** The system's resolver. */
  Source system() {
    return system;
  }

  /** The user's own, if there is one. */
  Optional<Source> given() {
    return options.resolver().map(resolver -> new GivenResolver(resolver, ticker));
  }

  String hostsPath() {
    return files.hosts().toString();
  }

  /** Who is asked, for messages. */
  String describe() {
    if (options.resolver().isPresent()) {
      return "the given resolver";
    }
    List<NameServer> asked = configuration().servers();
    return asked.isEmpty()
        ? "the system's resolver"
        : asked.stream().map(NameServer::toString).collect(Collectors.joining(", "));
  }

  /** The configuration has changed. */
  void changed() {
    stub.forget();
  }

  void close() {
    servers.close();
    https.close();
  }
}
