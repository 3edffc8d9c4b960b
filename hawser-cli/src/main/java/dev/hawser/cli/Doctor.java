package dev.hawser.cli;

import dev.hawser.HawserClient;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at all that is between this machine and a service's answer. */
@Command(
    name = "doctor",
    description = "Diagnoses a service and this machine: DNS, TCP, TLS, HTTP.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "It makes about forty short connections, one after the other, with a HEAD request on each"
          + " where",
      "the server speaks HTTP; and asks the certificate's OCSP responder, if it names one.",
      "Exit code: 0 nothing failed (there may be warnings), 1 a check failed, 2 wrong usage.",
      "Examples:",
      "  hawser doctor https://example.org/",
      "  hawser doctor https://localhost:8443/ --cacert ca.pem --json"
    })
final class Doctor implements Callable<Integer> {
  private static final int MOST_TRIES = 1_000;
  private static final Duration PROBE = Duration.ofSeconds(3);

  /** What there is to be said has been said by the first client. */
  private static final Console SILENT = Console.plain(nowhere(), nowhere());

  private final Console console;

  @Parameters(paramLabel = "URL", description = "http:// or https://")
  private String url = "";

  @Option(
      names = "--tries",
      paramLabel = "N",
      description = "Full and resumed handshakes to be timed; default ${DEFAULT-VALUE}.")
  private int tries = 10;

  @Mixin private ConnectionOptions how = new ConnectionOptions();

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Doctor(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (tries < 1 || tries > MOST_TRIES) {
      throw new UsageException("--tries is " + tries + "; it must be from 1 to " + MOST_TRIES);
    }
    URI uri = TargetUrl.parse(url);
    WarmUp.run(uri.getScheme(), how.tlsProvider());
    var report = new CheckReport(console, json);
    var notes = new PathChecks.Notes();
    HawserClient.Builder builder = how.client(console, uri, null).listener(notes);
    try (HawserClient client = ConnectionOptions.build(builder)) {
      MachineChecks.all().forEach(report::add);
      ofTheService(report, new PathChecks(client, notes, uri), uri);
    }
    return report.end();
  }

  private void ofTheService(CheckReport report, PathChecks path, URI uri)
      throws InterruptedException {
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    report.busy("the first request");
    path.begin();
    report.add(path.name());
    report.busy("tcp");
    Check tcp = path.tcp(port);
    report.add(tcp);
    report.add(secure ? path.handshake() : Check.skip("tls", "the URL is http://"));
    report.add(path.http());
    if (path.answered()) {
      report.add(path.clock());
      report.add("http.reuse", path::reuse);
    }
    if (secure && !path.addresses().isEmpty() && tcp.status() != Check.Status.FAIL) {
      ofTls(report, path, uri, port);
    }
  }

  private void ofTls(CheckReport report, PathChecks path, URI uri, int port)
      throws InterruptedException {
    String host = uri.getHost().replaceAll("[\\[\\]]", "");
    String target = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    // The first that accepts will do: the client got through, or nobody would.
    var address = new InetSocketAddress(path.addresses().getFirst(), port);
    var probe = new TlsProbe(address, host, PROBE, path.answered() ? target : null);
    SSLContext context = trustingAnyone(uri);
    Supplier<SSLContext> fresh = () -> forgetful(context);
    report.busy("tls.protocol");
    if (new TlsChecks(probe, fresh, path.group()).run(report)) {
      new ResumptionChecks(probe, fresh, tries, report).run();
    }
  }

  private static SSLContext forgetful(SSLContext context) {
    SSLSessionContext sessions = context.getClientSessionContext();
    Collections.list(sessions.getIds()).stream()
        .map(sessions::getSession)
        .filter(Objects::nonNull)
        .forEach(SSLSession::invalidate);
    return context;
  }

  /** With the client's own certificate, if there is one. */
  private SSLContext trustingAnyone(URI uri) {
    HawserClient.Builder builder =
        how.client(SILENT, uri, null)
            .tls(
                t ->
                    t.roots(new TlsFile[0])
                        .trustAnyone(true)
                        .provider(TlsOptions.Provider.JDK)); // the other forgets no session
    try (HawserClient client = ConnectionOptions.build(builder)) {
      return client.sslContext();
    }
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }
}
