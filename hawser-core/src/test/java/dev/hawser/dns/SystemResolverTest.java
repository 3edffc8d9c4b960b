package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.dns.Reply.Status;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The system's resolver behaves as it likes; here a made-up one in its place. */
@Timeout(60)
class SystemResolverTest {
  private static final InetAddress[] FOUND = {InetAddress.ofLiteral("127.0.0.2")};

  @Test
  void whatTheJvmHasKeptOfAFailureIsNotThatTheNameDoesNotExist() throws Exception {
    var calls = new AtomicInteger();
    var resolver =
        new SystemResolver(
            Ticker.SYSTEM,
            host ->
                switch (calls.incrementAndGet()) {
                  case 1, 4 ->
                      throw new UnknownHostException(
                          host + ": Temporary failure in name resolution");
                  case 3, 7 -> FOUND;
                  case 6 -> throw new UnknownHostException(host + ": Name or service not known");
                  default -> throw new UnknownHostException(host); // as the JVM's cache says it
                });

    assertThatThrownBy(() -> ask(resolver)).hasMessageContaining("Temporary failure");
    assertThatThrownBy(() -> ask(resolver)).isInstanceOf(LookupException.class);
    assertThat(ask(resolver)).isEqualTo(Status.FOUND);
    assertThatThrownBy(() -> ask(resolver)).hasMessageContaining("Temporary failure");
    assertThatThrownBy(() -> ask(resolver)).isInstanceOf(LookupException.class);
    assertThat(ask(resolver)).isEqualTo(Status.NO_NAME);
    assertThat(ask(resolver)).isEqualTo(Status.FOUND);
    assertThat(ask(resolver)).as("kept of nothing").isEqualTo(Status.NO_NAME);
  }

  private static Status ask(SystemResolver resolver) throws Exception {
    long deadline = Ticker.after(Ticker.SYSTEM.nanos(), Duration.ofSeconds(10));
    return resolver.lookup("system.test", RecordType.ADDRESS, deadline).status();
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotAskedWhenTheSystemWakesUp() throws Exception {
    var go = new CountDownLatch(1);
    var stuck = new CountDownLatch(16);
    var late = new AtomicInteger();
    var resolver =
        new SystemResolver(
            Ticker.SYSTEM,
            host -> {
              if (host.equals("late.test")) {
                late.incrementAndGet();
                return FOUND;
              }
              stuck.countDown();
              awaited(go);
              return FOUND;
            });
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        callers.submit(() -> ask(resolver));
      }
      stuck.await();

      long soon = Ticker.after(Ticker.SYSTEM.nanos(), Duration.ofMillis(50));
      assertThatThrownBy(() -> resolver.lookup("late.test", RecordType.ADDRESS, soon))
          .hasMessageContaining("does not answer");
      go.countDown();
    }
    assertThat(ask(resolver)).isEqualTo(Status.FOUND); // in line after it, if it were there
    assertThat(late).hasValue(0);
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
