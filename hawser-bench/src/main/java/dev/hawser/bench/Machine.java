package dev.hawser.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What Linux tells of its cores and of ended children, in ticks of 10 ms. */
final class Machine {
  private static final double TICKS = 100;

  private Machine() {}

  /** Seconds that one core spent on processes, and seconds the hypervisor took away. */
  record Core(double busy, double stolen) {
    static final Core UNKNOWN = new Core(Double.NaN, Double.NaN);

    Core since(Core start) {
      return new Core(busy - start.busy, stolen - start.stolen);
    }
  }

  static Core core(int cpu) {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/stat"));
      for (String line : lines) {
        if (line.startsWith("cpu" + cpu + " ")) {
          String[] f = line.split(" +", -1);
          double busy =
              Double.parseDouble(f[1]) + Double.parseDouble(f[2]) + Double.parseDouble(f[3]);
          return new Core(busy / TICKS, Double.parseDouble(f[8]) / TICKS);
        }
      }
    } catch (IOException | ArrayIndexOutOfBoundsException e) {
      // not a Linux
    }
    return Core.UNKNOWN;
  }

  /** CPU time of all children of this process that have ended: exact, once one has. */
  static Duration endedChildren() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] f = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Duration.ofMillis(
          (long) ((Double.parseDouble(f[13]) + Double.parseDouble(f[14])) * 1000 / TICKS));
    } catch (IOException e) {
      return Duration.ZERO;
    }
  }

  static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 2))
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }
}
