package dev.hawser.dns;

import dev.hawser.NameResolver;
import dev.hawser.dns.Reply.Status;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A resolver of the user's, made bounded: it has a thread of its own for each question. */
final class GivenResolver implements Source {
  private static final String NAME = "resolver";

  private final NameResolver resolver;
  private final Ticker ticker;

  GivenResolver(NameResolver resolver, Ticker ticker) {
    this.resolver = resolver;
    this.ticker = ticker;
  }

  @Override
  public Reply lookup(String host, RecordType type, long deadline)
      throws IOException, InterruptedException {
    long patience = Math.max(1, deadline - ticker.nanos());
    var task = new FutureTask<>(() -> resolver.resolve(host, Duration.ofNanos(patience)));
    Thread.ofVirtual().name("hawser-resolver").start(task);
    try {
      NameResolver.Answer answer = task.get(patience, TimeUnit.NANOSECONDS);
      List<Data> addresses = answer.addresses().stream().<Data>map(Data.Address::new).toList();
      return new Reply(
          addresses.isEmpty() ? Status.NO_DATA : Status.FOUND,
          addresses,
          Math.min(answer.ttl().toSeconds(), Integer.MAX_VALUE),
          NAME);
    } catch (TimeoutException e) {
      throw new LookupException(
          "the given resolver does not answer in " + patience / 1_000_000 + " ms", false, null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException) {
        return new Reply(Status.NO_NAME, List.of(), 0, NAME);
      }
      throw new LookupException("the given resolver: " + e.getCause(), false, e.getCause());
    } finally {
      task.cancel(true);
    }
  }
}
