package dev.hawser.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sizes a pool from what is known of the traffic. */
@Command(
    name = "tune",
    description = "Sizes a pool from requests per second and response time.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: hawser tune --qps 1000 --rt 200ms"})
final class Tune implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--qps", required = true, paramLabel = "Q", description = "Requests per second.")
  private BigDecimal qps = BigDecimal.ZERO;

  @Option(names = "--rt", required = true, paramLabel = "D", description = "Response time, such as 50ms.")
  private Duration rt = Duration.ZERO;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Tune(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Sizing sizing;
    try {
      sizing = Sizing.of(qps, rt);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (json) {
      console
          .out()
          .println(
              Json.text(
                  Json.object(
                      "maxIdlePerHost", sizing.maxIdlePerHost(), "idleTimeoutSeconds", sizing.idleTimeoutSeconds())));
      return 0;
    }
    console.out().println("maxIdlePerHost  " + sizing.maxIdlePerHost() + "     max(2, ceil(" + qps.toPlainString() + "/s x " + seconds(rt) + " s x 1.5))");
    console.out().println("idleTimeout     " + sizing.idleTimeoutSeconds().toPlainString() + " s  max(30 s, 3 x " + seconds(rt) + " s)");
    console.out().println();
    console.out().println(
        "Hawser.newBuilder().pool(p -> p.maxConnectionsPerHost(%d).maxIdlePerHost(%d).idleTimeout(Duration.ofMillis(%d)))"
            .formatted(sizing.maxIdlePerHost(), sizing.maxIdlePerHost(), sizing.idleTimeout().toMillis()));
    return 0;
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString();
  }
}
