package dev.hawser.lab.report;

import dev.hawser.lab.Scale;
import dev.hawser.lab.client.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Where and when the lab was run. */
public record Environment(Scale scale, long seed, Instant when) {
  /** Names and values, for people. */
  public Map<String, String> rows() {
    var rows = new LinkedHashMap<String, String>();
    rows.put(
        "Date",
        DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .format(when.atOffset(ZoneOffset.UTC)));
    rows.put("Form", scale == Scale.QUICK ? "quick" : "full");
    rows.put("Seed", Long.toString(seed));
    rows.put(
        "Machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    rows.put("Kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    rows.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
    rows.put(
        "Clients",
        Arrays.stream(Client.values())
            .map(client -> client.title() + " " + client.version())
            .collect(Collectors.joining(", ")));
    return rows;
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
