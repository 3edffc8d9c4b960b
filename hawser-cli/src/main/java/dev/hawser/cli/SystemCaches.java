package dev.hawser.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The machine's own DNS caches, where there is a command that empties them. */
final class SystemCaches {
  /** A cache, how one sees that it is there, and what empties it. */
  private record Cache(String name, Path sign, List<String> command) {}

  private static final List<Cache> CACHES =
      List.of(
          new Cache(
              "systemd-resolved",
              Path.of("/run/systemd/resolve"),
              List.of("resolvectl", "flush-caches")),
          new Cache("nscd", Path.of("/run/nscd/socket"), List.of("nscd", "--invalidate=hosts")));

  private static final int PATIENCE = 10; // seconds

  private final Console console;

  SystemCaches(Console console) {
    this.console = console;
  }

  /** Empties those that are there, and says what it did. */
  void flush() throws InterruptedException {
    boolean any = false;
    for (Cache cache : CACHES) {
      if (Files.exists(cache.sign())) {
        any = true;
        flush(cache);
      }
    }
    if (!any) {
      console.warn(
          "--flush: neither systemd-resolved nor nscd runs here: this machine has no cache that"
              + " could be emptied. A server's own cache empties itself when its TTLs end");
    }
  }

  private void flush(Cache cache) throws InterruptedException {
    String command = String.join(" ", cache.command());
    try {
      Process process =
          new ProcessBuilder(cache.command())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
        process.destroy();
        console.warn("--flush: '" + command + "' does not end; " + cache.name() + " is as it was");
      } else if (process.exitValue() != 0) {
        console.warn(
            "--flush: '"
                + command
                + "' failed with code "
                + process.exitValue()
                + "; root may be needed");
      } else {
        console.warn("--flush: emptied the cache of " + cache.name());
      }
    } catch (IOException e) {
      console.warn(
          "--flush: " + cache.name() + " runs, but '" + command + "' does not: " + e.getMessage());
    }
  }
}
