package dev.hawser.lab.experiment;

import java.io.IOException;
import java.nio.file.Path;

/** A server that speaks as much of Redis' protocol as {@link AuthService} needs. */
sealed interface RedisServer extends AutoCloseable permits RedisProcess, SmallRedis {
  /** Its port of 127.0.0.1. */
  int port();

  /** What it is, for the report. */
  String says();

  @Override
  void close() throws IOException;

  /**
   * Starts the machine's {@code redis-server}, or one of the lab's own where there is none.
   *
   * @param folder for what it writes
   */
  static RedisServer start(Path folder) throws IOException, InterruptedException {
    Path program = RedisProcess.find();
    return program == null
        ? SmallRedis.start("no redis-server is installed")
        : start(program, folder);
  }

  /** Starts this program, or one of the lab's own if it does not begin. */
  static RedisServer start(Path program, Path folder) throws IOException, InterruptedException {
    try {
      return RedisProcess.start(program, folder);
    } catch (IOException e) {
      return SmallRedis.start("redis-server did not begin: " + e.getMessage());
    }
  }
}
