package dev.hawser.exchange;

import dev.hawser.connect.Target;
import dev.hawser.io.Ticker;
import dev.hawser.wire.Request;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are asked whether they speak HTTP/2 in clear text, too ({@code Upgrade: h2c}, RFC
 * 7540 3.2). One request asks; others who need a connection wait for the answer, so that they share
 * it, but not for long: a server that does not know the question answers the request itself, and
 * may take its time. What is asked once is asked again only when that was long ago.
 *
 * <pre>
 *   unknown ───── ask ────▶ ASKED ── 101: the pool has the connection, or cancelled ──▶ unknown
 *                             └──── any other answer, or none ────▶ HTTP/1.1, for five minutes
 *                                                                     ▲
 *   unknown ───── HTTP_1_1_REQUIRED over HTTP/2 ──────────────────────┘
 * </pre>
 */
final class Upgrades {
  /**
   * How long others wait, from when the first asks: a connect and an answer take less than a
   * millisecond between neighbours, where HTTP/2 in clear text is at home, and are never noticed
   * where they take no longer than this.
   */
  static final Duration PATIENCE = Duration.ofMillis(100);

  /** As long as the pool remembers it of servers that chose by ALPN. */
  private static final long HTTP1_REMEMBERED = Duration.ofMinutes(5).toNanos();

  /** Beyond so many targets, those whose time has passed are forgotten. */
  private static final int MANY = 1_000;

  private sealed interface Known {}

  private record Http1(long until) implements Known {}

  private final class Asked implements Known, Question {
    private final Target target;
    private final long patience; // until then others wait
    private final CountDownLatch answered = new CountDownLatch(1);

    Asked(Target target, long patience) {
      this.target = target;
      this.patience = patience;
    }

    @Override
    public void speaksHttp1() {
      requiresHttp1(target);
      answered.countDown();
    }

    @Override
    public void close() {
      states.remove(target, this);
      answered.countDown();
    }
  }

  /** A request's question. Closing it ends the wait of others, whether there was an answer. */
  interface Question extends AutoCloseable {
    /** The server does not speak HTTP/2 in clear text, or this question is too much for it. */
    void speaksHttp1();

    @Override
    void close();
  }

  private final boolean asks;
  private final long patience;
  private final Ticker ticker;
  private final Map<Target, Known> states = new ConcurrentHashMap<>();

  /**
   * @param asks false: servers are known to speak HTTP/2, and nobody is asked
   */
  Upgrades(boolean asks, Duration patience, Ticker ticker) {
    this.asks = asks;
    this.patience = patience.toNanos();
    this.ticker = ticker;
  }

  /** The right to ask with this request, if it is one to ask with; null: it goes as it is. */
  @Nullable Question ask(Target target, Request request) {
    if (!concerns(target) || !suits(request)) {
      return null;
    }
    long now = ticker.nanos();
    if (states.size() > MANY) {
      states.values().removeIf(known -> known instanceof Http1(long until) && now >= until);
    }
    Known before = states.get(target);
    if (before instanceof Asked || before instanceof Http1(long until) && now < until) {
      return null;
    }
    // Who has been HTTP/1.1 is likely to be that still: nobody waits.
    var asked = new Asked(target, before == null ? Ticker.after(now, patience) : now);
    boolean first =
        before == null
            ? states.putIfAbsent(target, asked) == null
            : states.replace(target, before, asked);
    return first ? asked : null;
  }

  /** The server wants HTTP/1.1, whatever it has agreed to. */
  void requiresHttp1(Target target) {
    states.put(target, new Http1(Ticker.after(ticker.nanos(), HTTP1_REMEMBERED)));
  }

  /**
   * Waits a moment while another's question is under way; whether it has been answered meanwhile.
   */
  boolean await(Target target, long deadline) throws InterruptedException {
    if (!(states.get(target) instanceof Asked asked)) {
      return false;
    }
    long left = Math.min(asked.patience, deadline) - ticker.nanos();
    return left > 0 && asked.answered.await(left, TimeUnit.NANOSECONDS);
  }

  /** Not by a proxy: what it would make of the question is not the server's answer. */
  private boolean concerns(Target target) {
    return asks && target.inClearText() && target.via() == null;
  }

  /**
   * What may be sent twice, in case the server stumbles, and has no body: that would have to be
   * sent before HTTP/2 is spoken, and servers are known that lose it.
   */
  private static boolean suits(Request request) {
    boolean safe = request.method().equals("GET") || request.method().equals("HEAD");
    return safe
        && request.body() == null
        && !request.expectContinue()
        && !request.headers().map().containsKey("Upgrade")
        && !request.headers().map().containsKey("Connection");
  }
}
