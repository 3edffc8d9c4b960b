package dev.hawser.cli;

import dev.hawser.HawserClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts load on a server and says what it cost. */
@Command(
    name = "bench",
    description = "Puts load on a server: requests/s, latency percentiles, the client's CPU for each request.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example: hawser bench http://localhost:8080/ -c 64 -d 10s"})
final class Bench implements Callable<Integer> {
  private final Console console;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Option(names = {"-c", "--callers"}, paramLabel = "N", description = "Callers at the same time; default 16.")
  private int callers = 16;

  @Option(names = {"-d", "--duration"}, paramLabel = "D", description = "How long to measure; default 10s.")
  private Duration duration = Duration.ofSeconds(10);

  @Option(names = "--warmup", paramLabel = "D", description = "How long to run before; default 2s.")
  private Duration warmup = Duration.ofSeconds(2);

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Bench(Console console) {
    this.console = console;
  }

  /** For the demonstration. */
  Bench(Console console, ConnectionOptions connection, int callers, Duration duration, Duration warmup) {
    this.console = console;
    this.connection = connection;
    this.callers = callers;
    this.duration = duration;
    this.warmup = warmup;
  }

  @Override
  public Integer call() throws Exception {
    HttpRequest request = connection.request();
    int connections = Math.max(100, callers);
    HawserClient.Builder builder =
        connection
            .client()
            .pool(
                p ->
                    p.maxConnections(Math.max(p.maxConnections(), connections))
                        .maxConnectionsPerHost(connections)
                        .maxIdlePerHost(connections));
    Load.Result result;
    try (HawserClient client = builder.build()) {
      var load = new Load(client, request);
      var interrupt = new Thread(load::stop); // Ctrl-C shows what was measured so far
      Runtime.getRuntime().addShutdownHook(interrupt);
      result = load.run(callers, warmup, duration, this::progress);
      console.endProgress();
      print(result);
      console.flush();
      removeHook(interrupt);
    }
    return result.requests() > 0 && result.errors() == 0 ? 0 : 1;
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Shutting down by it.
    }
  }

  private void progress(Duration left, long requests) {
    console.progress("%,d requests, %d s left".formatted(requests, left.toSeconds() + 1));
  }

  private void print(Load.Result result) {
    if (json) {
      console
          .out()
          .println(
              Json.text(
                  Json.object(
                      "requests", result.requests(),
                      "errors", result.errors(),
                      "rps", rounded(result.rps()),
                      "cpuMicrosPerRequest", rounded(result.cpuMicrosPerRequest()),
                      "p50", result.millisAt(50),
                      "p90", result.millisAt(90),
                      "p99", result.millisAt(99),
                      "max", result.millisAt(100),
                      "connectionsOpened", result.counters().opened(),
                      "handshakes", result.counters().handshakes(),
                      "resumed", result.counters().resumed())));
      return;
    }
    row("requests", String.format(Locale.ROOT, "%,d in %.1f s, %d callers", result.requests(), result.seconds(), callers));
    row("errors", String.format(Locale.ROOT, "%,d", result.errors()));
    result.topErrors().forEach(error -> row("", String.format(Locale.ROOT, "%,d x %s", error.getValue(), error.getKey())));
    row("requests/s", String.format(Locale.ROOT, "%,.0f", result.rps()));
    row("body bytes/s", String.format(Locale.ROOT, "%,.0f", result.bytes() / Math.max(result.seconds(), 1e-9)));
    row("client CPU", String.format(Locale.ROOT, "%.1f us a request", result.cpuMicrosPerRequest()));
    row("latency", String.format(Locale.ROOT, "p50 %.2f ms   p90 %.2f ms   p99 %.2f ms   max %.2f ms",
        result.millisAt(50),
        result.millisAt(90),
        result.millisAt(99),
        result.millisAt(100)));
    row("connections", String.format(Locale.ROOT, "%,d opened, %,d reuses", result.counters().opened(), result.counters().reused()));
    if (result.counters().handshakes() > 0) {
      row("TLS handshakes", String.format(Locale.ROOT, "%,d, of which %,d resumed", result.counters().handshakes(), result.counters().resumed()));
    }
  }

  private void row(String name, String value) {
    console.out().println(String.format(Locale.ROOT, "%-15s", name) + value);
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
