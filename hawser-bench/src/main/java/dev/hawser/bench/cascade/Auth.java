package dev.hawser.bench.cascade;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The authentication service. It reads a session from Redis, works on it and writes it back, over
 * one of the connections of a pool; who finds none waits for one, for as long as it takes, and does
 * not know whether its caller still does. That is the usual way, and what makes it fall over.
 */
final class Auth {
  private final BlockingQueue<Redis> pool;
  private final Duration work;

  private Auth(BlockingQueue<Redis> pool, Duration work) {
    this.pool = pool;
    this.work = work;
  }

  /** Arguments: Redis' port, connections, and for how many milliseconds each is held. */
  static void main(String[] args) throws IOException {
    int connections = Integer.parseInt(args[1]);
    var pool = new ArrayBlockingQueue<Redis>(connections, true);
    for (int i = 0; i < connections; i++) {
      pool.add(new Redis(Integer.parseInt(args[0])));
    }
    var auth = new Auth(pool, Duration.ofMillis(Long.parseLong(args[2])));
    Service.serve(auth::handle);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      Redis redis = pool.take();
      try {
        String session = "session:" + exchange.getRequestURI().getQuery();
        String seen = redis.call("GET", session);
        Thread.sleep(work);
        redis.call("SET", session, seen.equals("(nil)") ? "1" : "" + (Long.parseLong(seen) + 1));
      } finally {
        pool.add(redis);
      }
      Service.answer(exchange, 200, "known");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }
}
