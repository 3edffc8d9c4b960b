package dev.hawser.cli;

import dev.hawser.HawserClient;
import dev.hawser.TlsFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
      "It makes about forty short connections and HEAD requests, one after the other.",
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
    List<Check> checks = new ArrayList<>(MachineChecks.all());
    checks.addAll(ofTheService(TargetUrl.parse(url)));
    if (json) {
      console.line(Json.lines(Json.object("checks", checks.stream().map(Check::toJson).toList())));
    } else {
      print(checks);
    }
    boolean failed = checks.stream().anyMatch(check -> check.status() == Check.Status.FAIL);
    return failed ? Main.FAILED : Main.OK;
  }

  private List<Check> ofTheService(URI uri) throws InterruptedException {
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    var checks = new ArrayList<Check>();
    var notes = new PathChecks.Notes();
    HawserClient.Builder builder = how.client(console, uri, null).listener(notes);
    try (HawserClient client = ConnectionOptions.build(builder)) {
      var path = new PathChecks(client, notes, uri);
      path.begin();
      checks.add(path.name());
      Check tcp = path.tcp(port);
      checks.add(tcp);
      if (secure) {
        checks.add(path.handshake());
      } else {
        checks.add(Check.skip("tls", "the URL is http://"));
      }
      checks.add(path.http());
      if (path.answered()) {
        checks.add(path.clock());
        checks.add(path.reuse());
      }
      if (secure && !path.addresses().isEmpty() && tcp.status() != Check.Status.FAIL) {
        checks.addAll(ofTls(path, uri, port));
      }
    }
    return checks;
  }

  private List<Check> ofTls(PathChecks path, URI uri, int port) throws InterruptedException {
    String host = uri.getHost().replaceAll("[\\[\\]]", "");
    // The first that accepts will do: the client got through, or nobody would.
    var probe = new TlsProbe(new InetSocketAddress(path.addresses().getFirst(), port), host, PROBE);
    String target = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    SSLContext context = trustingAnyone(uri);
    Supplier<SSLContext> fresh = () -> forgetful(context);
    List<Check> found = new TlsChecks(probe, fresh, target).all();
    var checks = new ArrayList<Check>(found);
    if (found.isEmpty()) {
      checks.add(Check.skip("tls.protocol", "no handshake, even with a client that trusts anyone"));
    } else if (path.answered()) {
      var resumed = new ArrayList<Duration>();
      checks.add(path.resumption(tries, resumed));
      checks.add(PathChecks.time(fullHandshakes(probe, fresh), resumed));
    }
    return checks;
  }

  private List<Duration> fullHandshakes(TlsProbe probe, Supplier<SSLContext> contexts) {
    var took = new ArrayList<Duration>();
    for (int i = 0; i < tries; i++) {
      try {
        took.add(probe.handshake(contexts.get(), null, null).took());
      } catch (IOException e) {
        took.add(PROBE); // it took that, or worse
      }
    }
    return took;
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
        how.client(SILENT, uri, null).tls(t -> t.roots(new TlsFile[0]).trustAnyone(true));
    try (HawserClient client = ConnectionOptions.build(builder)) {
      return client.sslContext();
    }
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  private void print(List<Check> checks) {
    int wide = checks.stream().mapToInt(check -> check.id().length()).max().orElse(0);
    String row = "%-4s  %-" + wide + "s  %s";
    for (Check check : checks) {
      String line =
          row.formatted(check.status().text(), check.id(), Errors.printable(check.found()));
      console.line(console.paint(check.status().style(), line.substring(0, 4)) + line.substring(4));
      if (!check.why().isEmpty()) {
        console.line(row.formatted("", "why", check.why()));
        console.line(row.formatted("", "fix", check.fix()));
      }
    }
  }
}
