package dev.hawser.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Go's net/http, compiled where Go is installed. */
final class GoClient {
  private GoClient() {}

  /** The program; or null, and why goes to {@code skipped}. */
  static @Nullable Path compile(Path folder, Map<String, String> skipped)
      throws IOException, InterruptedException {
    if (!Processes.onPath("go")) {
      skipped.put("go", "not installed (package golang-go)");
      return null;
    }
    Path source = folder.resolve("nethttp.go");
    try (InputStream in = GoClient.class.getResourceAsStream("nethttp.go")) {
      if (in == null) {
        throw new IOException("the Go client is not in this build");
      }
      Files.copy(in, source);
    }
    Path errors = folder.resolve("go.err");
    Path binary = folder.resolve("nethttp");
    ProcessBuilder builder =
        new ProcessBuilder("go", "build", "-o", binary.toString(), source.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(errors.toFile());
    builder.environment().putAll(Map.of("GO111MODULE", "off", "CGO_ENABLED", "0"));
    Process build = builder.start();
    if (!build.waitFor(180, TimeUnit.SECONDS) || build.exitValue() != 0) {
      build.destroyForcibly();
      skipped.put("go", "did not compile: " + Files.readString(errors).strip());
      return null;
    }
    return binary;
  }
}
