package dev.hawser.dns;

import dev.hawser.dns.Reply.Status;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolverProvider;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The system's own resolver, by {@link InetAddress}, made bounded. It blocks its thread in native
 * code for as long as it likes, and would block a virtual thread's carrier, so it runs on a few
 * platform threads of its own; callers wait with a deadline. It tells no time to live: what it says
 * is asked for again after 10 s.
 */
final class SystemResolver implements Source {
  static final String NAME = "system";

  /** The JDK caches its answers for 30 s, and that a name does not exist for 10 s. */
  private static final long REFRESH_SECONDS = 10;

  /**
   * Each stuck name holds one thread; more than this many different stuck names delay the others.
   */
  private static final int THREADS = 16;

  private static final ThreadPoolExecutor LOOKUPS = lookups();

  /** Names of which nothing was learned last; of all clients, as the JDK's cache is. */
  private static final Set<String> UNSURE = ConcurrentHashMap.newKeySet();

  private static final int MAX_UNSURE = 10_000;

  /** {@link InetAddress#getAllByName}; tests have their own. */
  interface Native {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Ticker ticker;
  private final Native resolver;

  SystemResolver(Ticker ticker) {
    this(ticker, InetAddress::getAllByName);
  }

  SystemResolver(Ticker ticker, Native resolver) {
    this.ticker = ticker;
    this.resolver = resolver;
  }

  /**
   * Whether the application has put a resolver of its own under {@link InetAddress} (JEP 418): then
   * that is the one to ask. dnsjava's, which comes with us, is none unless it was switched on.
   */
  static boolean replaced() {
    return ServiceLoader.load(InetAddressResolverProvider.class, ClassLoader.getSystemClassLoader())
        .findFirst()
        .filter(
            provider ->
                !provider.name().equals("dnsjava") || Boolean.getBoolean("org.dnsjava.spi.enable"))
        .isPresent();
  }

  @Override
  public Reply lookup(String host, RecordType type, long deadline)
      throws IOException, InterruptedException {
    long patience = Math.max(1, deadline - ticker.nanos());
    var answer = new CompletableFuture<InetAddress[]>();
    Runnable task =
        () -> {
          try {
            answer.complete(resolver.addresses(host));
          } catch (UnknownHostException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        };
    LOOKUPS.execute(task);
    try {
      List<Data> addresses =
          Arrays.stream(answer.get(patience, TimeUnit.NANOSECONDS))
              .<Data>map(Data.Address::new)
              .toList();
      UNSURE.remove(host);
      return new Reply(Status.FOUND, addresses, REFRESH_SECONDS, NAME);
    } catch (TimeoutException e) {
      throw new LookupException(
          "the system's resolver does not answer in " + patience / 1_000_000 + " ms", true, null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown && !temporary(host, unknown)) {
        UNSURE.remove(host);
        return new Reply(Status.NO_NAME, List.of(), REFRESH_SECONDS, NAME);
      }
      throw new LookupException("the system's resolver: " + e.getCause(), true, null);
    } finally {
      if (!answer.isDone()) {
        LOOKUPS.remove(task); // while all threads are stuck, the line must not grow
      }
    }
  }

  /**
   * EAI_AGAIN, as the C library words it: no server answers. The JDK keeps that for 10 s as if the
   * name did not exist, and says nothing but the name then.
   */
  private static boolean temporary(String host, UnknownHostException e) {
    String message = String.valueOf(e.getMessage());
    if (!message.contains("Temporary failure")) {
      return message.equals(host) && UNSURE.contains(host);
    }
    if (UNSURE.size() >= MAX_UNSURE) {
      UNSURE.clear(); // bounds the memory
    }
    UNSURE.add(host);
    return true;
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
