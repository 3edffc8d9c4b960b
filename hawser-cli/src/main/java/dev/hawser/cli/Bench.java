package dev.hawser.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.hawser.HawserClient;
import dev.hawser.PoolOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
    description = "Puts load on a server: requests/s, latency percentiles, the client's CPU.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "D is a duration such as 250ms, 1s, 2m. Ctrl-C prints what was measured so far.",
      "Client CPU is that of the whole process, so also of the JVM's compiler: warm up well.",
      "Examples:",
      "  hawser bench http://localhost:8080/ -c 64 -d 10s",
      "  hawser bench https://localhost:8443/ --cacert ca.pem -c 16 -d 30s --warmup 10s --json"
    })
final class Bench implements Callable<Integer> {
  private static final int MOST_CALLERS = 100_000;
  private static final int SPARE_DESCRIPTORS = 50;
  private static final long BUFFERS_PER_CALLER = 64 * 1024;

  private final Console console;

  @Mixin private RequestOptions what = new RequestOptions();

  @Option(
      names = {"-c", "--callers"},
      paramLabel = "N",
      description = "Callers at the same time, each on a virtual thread; default 16.")
  private int callers = 16;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "D",
      description = "How long to measure; default 10s.")
  private Duration duration = Duration.ofSeconds(10);

  @Option(
      names = "--warmup",
      paramLabel = "D",
      description = "How long to run before that; default 2s.")
  private Duration warmup = Duration.ofSeconds(2);

  @Mixin private ConnectionOptions how = new ConnectionOptions();

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Bench(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (callers < 1 || callers > MOST_CALLERS) {
      throw new UsageException("-c is " + callers + "; it must be from 1 to " + MOST_CALLERS);
    }
    Durations.positive("-d", duration);
    checkFileDescriptors();
    HttpRequest request = what.request();
    HawserClient.Builder builder =
        how.client(console, request.uri(), what.timeout())
            .pool(this::pool)
            .exchange(
                e -> e.memoryBudget(Math.max(e.memoryBudget(), callers * BUFFERS_PER_CALLER)));
    try (HawserClient client = ConnectionOptions.build(builder)) {
      return load(client, request);
    }
  }

  /** Out of them, the JVM cannot even load its classes. */
  private void checkFileDescriptors() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      long free = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount();
      if (callers > free - SPARE_DESCRIPTORS) {
        throw new UsageException(
            "-c is %d, and this process may open %d more files and sockets only: see ulimit -n"
                .formatted(callers, free));
      }
    }
  }

  /** So that the callers wait for the server, not for each other. */
  private PoolOptions pool(PoolOptions defaults) {
    return defaults
        .maxConnections(Math.max(defaults.maxConnections(), callers))
        .maxConnectionsPerHost(Math.max(defaults.maxConnectionsPerHost(), callers))
        .maxIdle(Math.max(defaults.maxIdle(), callers))
        .maxIdlePerHost(Math.max(defaults.maxIdlePerHost(), callers));
  }

  private int load(HawserClient client, HttpRequest request) throws InterruptedException {
    var load = new Load(client, request);
    try (var _ = new OnInterrupt(console, load::stop)) {
      LoadResult result;
      try (var progress = new Progress(console)) {
        result =
            load.run(
                callers,
                warmup,
                duration,
                (warmingUp, left, rate) -> show(progress, warmingUp, left, rate));
      } catch (IOException unreachable) {
        return giveUp(unreachable);
      }
      print(result);
      return result.requests() > 0 && result.errors() == 0 ? Main.OK : Main.FAILED;
    }
  }

  private int giveUp(IOException unreachable) {
    if (json) {
      print(LoadResult.notBegun(callers, unreachable));
    } else {
      console.error(Errors.oneLine(unreachable));
    }
    if (how.debug()) {
      unreachable.printStackTrace(console.err());
    }
    return Main.FAILED;
  }

  private static void show(Progress progress, boolean warmingUp, Duration left, double rate) {
    String time = (left.toMillis() + 999) / 1000 + " s left";
    progress.show(
        warmingUp
            ? "warming up, " + time
            : rate == 0
                ? "measuring, " + time
                : String.format(Locale.ROOT, "%,.0f requests/s, %s", rate, time));
  }

  private void print(LoadResult result) {
    if (json) {
      console.line(Json.lines(result.json()));
    } else {
      new LoadTable(console).print(result);
    }
  }
}
