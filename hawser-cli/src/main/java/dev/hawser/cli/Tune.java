package dev.hawser.cli;

import dev.hawser.PoolOptions;
import dev.hawser.tune.Little;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sizes a pool from what is known of the traffic. */
@Command(
    name = "tune",
    description = "Sizes a pool from requests per second and response time.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "maxIdlePerHost = max(2, ceil(qps x rt x 1.5)), idleTimeout = max(30s, 3 x rt)",
      "Examples:",
      "  hawser tune --qps 1000 --rt 200ms",
      "  hawser tune --qps 5000 --rt 100ms --json"
    })
final class Tune implements Callable<Integer> {
  /** Without exponents: {@code 1e999999999} would be written out. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{1,18})?");

  /** The ports that Linux gives to outgoing connections to one address, by default. */
  private static final int EPHEMERAL_PORTS = 28_232;

  private final Console console;

  @Option(
      names = "--qps",
      required = true,
      paramLabel = "Q",
      description = "Requests per second to one host, from 0 to 1000000000.")
  private String qps = "";

  @Option(
      names = "--rt",
      required = true,
      paramLabel = "D",
      description = "Response time, such as 50ms; at most 1h.")
  private Duration rt = Duration.ZERO;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Tune(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!NUMBER.matcher(qps).matches()) {
      throw new UsageException("--qps: '" + qps + "' is not a number such as 1000 or 0.5");
    }
    Little sizing = sizing(new BigDecimal(qps));
    if (json) {
      console.line(
          Json.lines(
              Json.object(
                  "maxIdlePerHost", sizing.maxIdlePerHost(),
                  "idleTimeoutSeconds", Little.seconds(sizing.idleTimeout()))));
    } else {
      print(sizing);
    }
    if (sizing.maxIdlePerHost() > EPHEMERAL_PORTS) {
      console.warn(
          String.format(
              Locale.ROOT,
              "%,d connections are more than one machine can open to one address (%,d ports):"
                  + " several hosts, or shorter responses, are needed",
              sizing.maxIdlePerHost(),
              EPHEMERAL_PORTS));
    }
    return Main.OK;
  }

  /** What is out of the formula's range is a mistake here. */
  private Little sizing(BigDecimal q) {
    if (q.compareTo(Little.MOST_QPS) > 0) {
      throw new UsageException("--qps must be from 0 to 1000000000");
    }
    if (rt.isNegative() || rt.compareTo(Little.LONGEST_RT) > 0) {
      throw new UsageException("--rt must be from 0s to 1h");
    }
    Little sizing = Little.of(q, rt);
    if (sizing.maxIdlePerHost() == Integer.MAX_VALUE) {
      throw new UsageException("--qps and --rt together ask for over 2147483646 connections");
    }
    return sizing;
  }

  private void print(Little sizing) {
    String seconds = Little.seconds(rt).toPlainString();
    int size = sizing.maxIdlePerHost();
    String idle = Durations.written(sizing.idleTimeout());
    int width = Math.max(Integer.toString(size).length(), idle.length());
    String row = "%-15s %-" + width + "s   %s";
    console.line(
        row.formatted("maxIdlePerHost", size, "max(2, ceil(" + qps + " x " + seconds + " x 1.5))"));
    console.line(row.formatted("idleTimeout", idle, "max(30s, 3 x " + seconds + "s)"));
    console.line("");
    console.line("Hawser.newBuilder().pool(p -> p" + calls(sizing) + ")");
  }

  /** The options to set: the limits above an idle limit have to be no lower than it. */
  private static String calls(Little sizing) {
    int size = sizing.maxIdlePerHost();
    var calls = new ArrayList<String>();
    for (String limit : raised(size)) {
      calls.add(limit + "(" + size + ")");
    }
    calls.add("maxIdlePerHost(" + size + ")");
    calls.add("idleTimeout(" + javaText(sizing.idleTimeout()) + ")");
    return "." + String.join(".", calls);
  }

  private static List<String> raised(int size) {
    var raised = new ArrayList<String>();
    if (size > PoolOptions.DEFAULTS.maxConnections()) {
      raised.add("maxConnections");
    }
    if (size > PoolOptions.DEFAULTS.maxConnectionsPerHost()) {
      raised.add("maxConnectionsPerHost");
    }
    if (size > PoolOptions.DEFAULTS.maxIdle()) {
      raised.add("maxIdle");
    }
    return raised;
  }

  private static String javaText(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos % 1_000_000_000 == 0) {
      return "Duration.ofSeconds(" + duration.toSeconds() + ")";
    }
    return nanos % 1_000_000 == 0
        ? "Duration.ofMillis(" + duration.toMillis() + ")"
        : "Duration.ofNanos(" + nanos + "L)";
  }
}
