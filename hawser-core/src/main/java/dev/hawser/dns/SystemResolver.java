package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The system's own resolver, by {@link InetAddress}, made bounded. It blocks its thread in native
 * code for as long as it likes, and would block a virtual thread's carrier, so it runs on a few
 * platform threads of its own; callers wait with a deadline. One look-up per name is under way
 * however many wait for it.
 */
public final class SystemResolver {
  /**
   * Each stuck name holds one thread; more than this many different stuck names delay the others.
   */
  private static final int THREADS = 16;

  private static final ThreadPoolExecutor LOOKUPS = lookups();

  private final DnsOptions options;
  private final Ticker ticker;
  private final ConcurrentHashMap<String, CompletableFuture<List<InetAddress>>> underWay =
      new ConcurrentHashMap<>();

  public SystemResolver(DnsOptions options, Ticker ticker) {
    this.options = options;
    this.ticker = ticker;
  }

  /**
   * Returns the host's addresses, in the resolver's order; never empty.
   *
   * @param deadline when to give up, at the latest; {@link DnsOptions#timeout()} also holds
   */
  public List<InetAddress> resolve(String host, long deadline)
      throws StageFailure, InterruptedException {
    InetAddress literal = literal(host);
    if (literal != null) {
      return List.of(literal);
    }
    List<InetAddress> fixed = options.hosts().get(host);
    if (fixed != null) {
      return fixed;
    }
    long now = ticker.nanos();
    long patience = Math.min(deadline - now, options.timeout().toNanos());
    try {
      return underWay.computeIfAbsent(host, this::start).get(patience, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw StageFailure.timeout(
          Phase.DNS,
          "no answer for the name "
              + host
              + " in "
              + TimeUnit.NANOSECONDS.toMillis(patience)
              + " ms",
          "Check the name servers of this machine, or raise dns.timeout");
    } catch (ExecutionException e) {
      throw StageFailure.of(
          Phase.DNS,
          "unknown host " + host,
          "Check the name, and the name servers of this machine",
          e.getCause());
    }
  }

  private CompletableFuture<List<InetAddress>> start(String host) {
    var answer = new CompletableFuture<List<InetAddress>>();
    LOOKUPS.execute(
        () -> {
          try {
            answer.complete(List.of(InetAddress.getAllByName(host)));
          } catch (UnknownHostException | RuntimeException e) {
            answer.completeExceptionally(e);
          } finally {
            underWay.remove(host, answer);
          }
        });
    return answer;
  }

  private static @Nullable InetAddress literal(String host) {
    char last = host.charAt(host.length() - 1);
    if (last >= '0' && last <= '9' || host.indexOf(':') >= 0) {
      try {
        return InetAddress.ofLiteral(host);
      } catch (IllegalArgumentException e) {
        return null; // a name that ends in a digit
      }
    }
    return null;
  }

  private static ThreadPoolExecutor lookups() {
    var executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("hawser-lookup-", 1).factory());
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
