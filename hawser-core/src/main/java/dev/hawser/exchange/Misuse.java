package dev.hawser.exchange;

import java.lang.System.Logger.Level;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Warns, once each, of uses that defeat the client's purpose. */
final class Misuse {
  private static final System.Logger LOG = System.getLogger("dev.hawser.misuse");
  private static final int MANY = 16; // clients alive at once
  private static final int BURST = 32; // clients built within a minute
  private static final long MINUTE = 60_000_000_000L;

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();
  private static final Set<WeakReference<Client>> ALIVE = new HashSet<>(); // guarded by itself
  private static final ReferenceQueue<Client> GONE = new ReferenceQueue<>();
  private static final AtomicLong BUILT = new AtomicLong();
  private static volatile long minuteBegan = System.nanoTime();

  private Misuse() {}

  static void clientBuilt(Client client, Settings settings) {
    long now = System.nanoTime();
    if (now - minuteBegan > MINUTE) {
      minuteBegan = now;
      BUILT.set(0);
    }
    if (BUILT.incrementAndGet() == BURST) {
      warn(
          "client per request",
          BURST
              + " clients were built within a minute. A client for each request reuses no"
              + " connection: build one and share it");
    }
    int alive;
    synchronized (ALIVE) {
      for (var gone = GONE.poll(); gone != null; gone = GONE.poll()) {
        ALIVE.remove(gone);
      }
      ALIVE.removeIf(each -> closed(each.get()));
      ALIVE.add(new WeakReference<>(client, GONE));
      alive = ALIVE.size();
    }
    if (alive == MANY) {
      warn(
          "many clients",
          MANY
              + " clients are alive at once. Each has its own connections and limits: share one,"
              + " and close those not needed");
    }
    if (settings.pool().idleTimeout().compareTo(settings.pool().maxAge()) > 0) {
      warn(
          "idleTimeout over maxAge",
          "pool.idleTimeout=%s can never be reached, since pool.maxAge=%s"
              .formatted(settings.pool().idleTimeout(), settings.pool().maxAge()));
    }
  }

  private static boolean closed(@Nullable Client client) {
    return client == null || client.isTerminated();
  }

  static void request(HttpRequest request, Settings settings) {
    Duration connectTimeout = settings.connectTimeout();
    if (connectTimeout != null && !SAID.contains("timeout under connectTimeout")) {
      request
          .timeout()
          .filter(timeout -> timeout.compareTo(connectTimeout) < 0)
          .ifPresent(
              timeout ->
                  warn(
                      "timeout under connectTimeout",
                      "a request's timeout of %s is shorter than the client's connectTimeout of %s, which it makes void"
                          .formatted(timeout, connectTimeout)));
    }
  }

  private static void warn(String what, String message) {
    if (SAID.add(what)) {
      LOG.log(Level.WARNING, message + ". (This is said once.)");
    }
  }
}
