package dev.hawser.lab.experiment;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An authentication service. It reads a session from Redis, works on it and writes it back, over
 * one of the connections of a pool; who finds none waits for one, for as long as it takes, and does
 * not know whether its caller still does. That is the usual way, and what makes it fall over.
 */
final class AuthService implements AutoCloseable {
  /**
   * A request that was answered.
   *
   * @param came as of {@link System#nanoTime()}
   * @param waited whether all connections to Redis were in use then
   * @param held for how many nanoseconds it had one
   * @param answered when
   */
  record Handled(long came, boolean waited, long held, long answered) {
    double seconds() {
      return (answered - came) / 1e9;
    }
  }

  private final Duration work;
  private final List<Redis> connections = new ArrayList<>();
  private final BlockingQueue<Redis> pool; // fair: who came first goes first
  private final ConcurrentLinkedQueue<Handled> handled = new ConcurrentLinkedQueue<>();
  private final FaultServer server;

  /**
   * Starts it.
   *
   * @param redis the port of a Redis
   * @param connections to it
   * @param work for which a connection is held
   */
  static AuthService start(int redis, int connections, Duration work) throws IOException {
    return new AuthService(redis, connections, work);
  }

  private AuthService(int redis, int count, Duration work) throws IOException {
    this.work = work;
    this.pool = new ArrayBlockingQueue<>(count, true);
    try {
      for (int i = 0; i < count; i++) {
        var connection = new Redis(redis);
        connections.add(connection);
        pool.add(connection);
      }
      this.server = FaultServer.start(this::serve);
    } catch (IOException e) {
      closeConnections();
      throw e;
    }
  }

  private void serve(Peer peer) throws IOException {
    while (true) {
      String session = peer.readRequest().target();
      long came = System.nanoTime();
      Redis free = pool.poll();
      Redis redis = free == null ? await() : free;
      long begun = System.nanoTime();
      try {
        String seen = redis.call("GET", session);
        peer.pause(work);
        redis.call("SET", session, seen.isEmpty() ? "1" : "" + (Long.parseLong(seen) + 1));
      } finally {
        pool.add(redis);
      }
      long answered = System.nanoTime();
      handled.add(new Handled(came, free == null, answered - begun, answered));
      peer.ok("known");
    }
  }

  private Redis await() throws IOException {
    try {
      return pool.take();
    } catch (InterruptedException e) {
      throw new IOException("the service is closing", e);
    }
  }

  /** A session's URI. */
  URI session(int number) {
    return server.uri("/session:" + number);
  }

  /** What was answered so far, in the order of the answers. */
  List<Handled> handled() {
    return List.copyOf(handled);
  }

  @Override
  public void close() throws IOException {
    try {
      server.close();
    } finally {
      closeConnections();
    }
  }

  private void closeConnections() throws IOException {
    for (Redis connection : connections) {
      connection.close();
    }
  }
}
