package dev.hawser.lab.experiment;

import dev.hawser.faults.Ports;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code redis-server} of this machine: on a free port of 127.0.0.1, with little memory, and
 * without files.
 *
 * <p>A shell between it and the lab ends it when its standard input does. So it does not outlive
 * the lab, not even one that is killed with -9.
 */
final class RedisProcess implements RedisServer {
  private static final String PROGRAM = "redis-server";
  private static final List<String> MORE_FOLDERS =
      List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin");
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String UNTIL_INPUT_ENDS =
      "trap '' INT HUP; \"$@\" & read -r _; kill $!; wait";
  private static final int ATTEMPTS = 3; // another may take the port in the meantime
  private static final Duration BEGINNING = Duration.ofSeconds(5);
  private static final Duration ENDING = Duration.ofSeconds(3);

  private final Process shell;
  private final int port;
  private String version = "";

  /** Where it is, if it is here. */
  static @Nullable Path find() {
    if (!Files.isExecutable(SHELL)) {
      return null;
    }
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Stream.of(path.split(File.pathSeparator)), MORE_FOLDERS.stream())
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** Starts it, and returns when it answers. */
  static RedisProcess start(Path program, Path folder) throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      Path said = folder.resolve("redis-%d.txt".formatted(i));
      var redis = new RedisProcess(program, folder, said);
      try {
        redis.awaitReady();
        return redis;
      } catch (IOException e) {
        redis.close();
        if (i == ATTEMPTS) {
          throw new IOException(lastLine(said), e);
        }
      } catch (InterruptedException e) {
        redis.close();
        throw e;
      }
    }
  }

  private RedisProcess(Path program, Path folder, Path said) throws IOException {
    try (Ports free = Ports.refused()) {
      port = free.port();
    }
    var command = new ArrayList<String>();
    command.addAll(List.of(SHELL.toString(), "-c", UNTIL_INPUT_ENDS, "sh", program.toString()));
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no", "--dir", folder.toString()));
    command.addAll(List.of("--maxmemory", "16mb", "--maxmemory-policy", "allkeys-lru"));
    command.addAll(List.of("--maxclients", "200", "--databases", "1", "--loglevel", "warning"));
    shell =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
  }

  private static String lastLine(Path said) throws IOException {
    List<String> lines = Files.readAllLines(said);
    return lines.isEmpty() ? "it says nothing" : lines.getLast();
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + BEGINNING.toNanos();
    boolean begun = false;
    while (true) {
      try (var redis = new Redis(port)) {
        String about = redis.call("INFO", "server");
        long number = Long.parseLong(field(about, "process_id"));
        if (shell.descendants().noneMatch(process -> process.pid() == number)) {
          throw new IOException("another has taken the port");
        }
        version = field(about, "redis_version");
        return;
      } catch (IOException e) {
        boolean alive = shell.descendants().findAny().isPresent();
        if (System.nanoTime() > deadline || begun && !alive) {
          throw e;
        }
        begun = alive;
      }
      Thread.sleep(20);
    }
  }

  private static String field(String about, String name) throws IOException {
    return about
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElseThrow(() -> new IOException("it does not say its " + name));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String says() {
    return "the real one of this machine, " + PROGRAM + " " + version;
  }

  /** Ends it, and waits until it has. */
  @Override
  public void close() throws IOException {
    List<ProcessHandle> own = shell.descendants().collect(Collectors.toList());
    shell.getOutputStream().close();
    boolean interrupted = Thread.interrupted(); // it is ended in any case
    try {
      if (!shell.waitFor(ENDING.toMillis(), TimeUnit.MILLISECONDS)) {
        own.forEach(ProcessHandle::destroyForcibly);
      }
    } catch (InterruptedException e) {
      interrupted = true;
      own.forEach(ProcessHandle::destroyForcibly);
    } finally {
      shell.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
