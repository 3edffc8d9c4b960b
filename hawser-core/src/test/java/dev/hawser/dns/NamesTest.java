package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ExchangeEvent;
import dev.hawser.NameResolver;
import dev.hawser.Origin;
import dev.hawser.ServiceHint;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** The cache: how long an answer holds, what refreshes it, what happens when nobody answers. */
@Timeout(60)
class NamesTest extends WithNames {
  private static final String A = "a.test";

  @Test
  void anAnswerHoldsForItsTtlAndIsThenAskedForAgain() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");

    assertThat(resolve(A)).containsExactly("127.0.0.2");
    pass(Duration.ofSeconds(9));
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(dns.queries(A, Type.A)).isEqualTo(1);

    dns.set(A, Type.A, 10, "127.0.0.3");
    pass(Duration.ofSeconds(2));
    assertThat(resolve(A)).containsExactly("127.0.0.3");
    assertThat(dns.queries(A, Type.A)).isEqualTo(2);
  }

  @Test
  void bothFamiliesComeInTurn() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2", "127.0.0.3");
    dns.set(A, Type.AAAA, 10, "::2");

    assertThat(resolve(A)).containsExactly("0:0:0:0:0:0:0:2", "127.0.0.2", "127.0.0.3");
  }

  @Test
  void floorAndCeilingHold() throws Exception {
    names = names(d -> d.minTtl(Duration.ofSeconds(5)).maxTtl(Duration.ofSeconds(100)));
    dns.set("zero.test", Type.A, 0, "127.0.0.2");
    dns.set("long.test", Type.A, Integer.MAX_VALUE, "127.0.0.2");
    resolve("zero.test");
    resolve("long.test");

    assertThat(entry("zero.test", "A").ttlLeft())
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
    assertThat(entry("long.test", "A").ttlLeft())
        .isBetween(Duration.ofSeconds(98), Duration.ofSeconds(100));
  }

  @Test
  void aTtlBeyond31BitsIsNone() throws Exception { // RFC 2181 section 8
    dns.set(A, Type.A, 0x0000_0080, "127.0.0.2");
    dns.on(
        A,
        query -> {
          byte[] reply = query.reply().toWire();
          int ttl =
              12 + A.length() + 2 + 4 + 6; // header, question, and the record's name, type, class
          reply[ttl] = (byte) 0x80;
          query.send(reply);
        });

    resolve(A);

    assertThat(entry(A, "A").ttlLeft()).isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aThousandCallersCostOneQuery() throws Exception {
    dns.set(A, Type.A, 60, "127.0.0.2");
    var go = new CountDownLatch(1);
    dns.on(
        A,
        query -> {
          go.await();
          query.answer();
        });
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<List<String>>>();
      for (int i = 0; i < 1_000; i++) {
        answers.add(callers.submit(() -> resolve(A)));
      }
      dns.awaitQueries(A, Type.A, 1);
      go.countDown();
      for (Future<List<String>> answer : answers) {
        assertThat(answer.get()).containsExactly("127.0.0.2");
      }
    }
    assertThat(dns.queries(A, Type.A)).isEqualTo(1);
    assertThat(dns.queries(A, Type.AAAA)).isEqualTo(1);
  }

  @Test
  void aShortTtlAskedForTenThousandTimesCostsAQueryASecondAtMost() throws Exception {
    dns.set(A, Type.A, 1, "127.0.0.2");

    for (int i = 0; i < 10_000; i++) {
      resolve(A);
      if (i % 1_000 == 999) {
        pass(Duration.ofMillis(500));
      }
    }

    assertThat(dns.queries(A, Type.A)).isLessThanOrEqualTo(8); // 5 s, and what the loop took
  }

  @Test
  void aNameInUseIsRefreshedBeforeItsEnd() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    resolve(A);
    await("quiet", names::quiet);
    pass(Duration.ofMillis(7_400)); // under 75 %
    sweep();
    assertThat(dns.queries(A, Type.A)).isEqualTo(1);

    dns.set(A, Type.A, 10, "127.0.0.3");
    pass(Duration.ofMillis(1_700)); // over 90 %
    refresh();

    assertThat(texts(changes.getFirst().added())).containsExactly("127.0.0.3");
    assertThat(texts(changes.getFirst().removed())).containsExactly("127.0.0.2");
    assertThat(resolve(A)).containsExactly("127.0.0.3");
    assertThat(dns.queries(A, Type.A)).isEqualTo(2);
    assertThat(events).hasAtLeastOneElementOfType(ExchangeEvent.AddressesChanged.class);
  }

  @Test
  void aNameOutOfUseIsLeftAloneAndForgotten() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    resolve(A);

    await("quiet", names::quiet);
    pass(Duration.ofSeconds(61));
    sweep();
    assertThat(dns.queries(A, Type.A)).isEqualTo(1);
    assertThat(names.sweep(ticker.nanos(), A::equals))
        .as("but not while it has connections")
        .isPositive();
    dns.awaitQueries(A, Type.A, 2);
    await("the refresh has ended", names::quiet);

    pass(Duration.ofSeconds(300));
    sweep();
    assertThat(names.snapshot()).isEmpty();
    assertThat(sweep()).isEqualTo(Ticker.NEVER);
  }

  @Test
  void anotherOrderIsNoChange() throws Exception {
    dns.set(A, Type.A, 1, "127.0.0.2", "127.0.0.3");
    resolve(A);
    dns.set(A, Type.A, 1, "127.0.0.3", "127.0.0.2");
    pass(Duration.ofSeconds(1));
    refresh();

    assertThat(changes).isEmpty();
  }

  @Test
  void aThousandNamesAreRefreshedAFewAtATime() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      dns.set("n" + i + ".test", Type.A, 10, "127.0.0.2");
      resolve("n" + i + ".test");
    }
    int before = dns.mostAnswering();
    dns.onAll(
        query -> {
          Thread.sleep(1); // long enough for them to gather, if they would
          query.answer();
        });
    pass(Duration.ofSeconds(10));

    for (int round = 0; dns.queries().size() < 3_000; round++) {
      int asked = dns.queries().size();
      sweep();
      await("more queries", () -> dns.queries().size() > asked || names.quiet());
      assertThat(round).isLessThan(10_000);
    }

    await("all refreshed", names::quiet);
    assertThat(dns.mostAnswering()).isLessThanOrEqualTo(Math.max(before, 16));
  }

  @Test
  void theRecordOfAnOriginIsAskedForTogetherWithItsAddressesAndKept() throws Exception {
    var origin = new Origin("https", A, 443);
    dns.set(A, Type.A, 60, "127.0.0.2");
    dns.set(A, Type.HTTPS, 60, "1 . alpn=h2 port=8443");

    for (int i = 0; i < 3; i++) {
      Names.Route route = names.route(origin, Ticker.NEVER);
      assertThat(texts(route.addresses().list())).containsExactly("127.0.0.2");
      assertThat(route.hint())
          .contains(new ServiceHint(List.of("h2", "http/1.1"), OptionalInt.of(8443)));
    }
    assertThat(dns.queries(A, Type.HTTPS)).isEqualTo(1);
    assertThat(names.route(new Origin("http", A, 80), Ticker.NEVER).hint()).isEmpty();
  }

  @Test
  void aRecordThatIsGoneIsUsedForOneMoreConnectionAtMost() throws Exception {
    var origin = new Origin("https", A, 443);
    dns.set(A, Type.A, 60, "127.0.0.2");
    dns.set(A, Type.HTTPS, 1, "1 . port=8443");
    assertThat(names.route(origin, Ticker.NEVER).hint()).isPresent();
    dns.remove(A, Type.HTTPS);
    pass(Duration.ofSeconds(2));

    names.route(origin, Ticker.NEVER); // without a wait, and its question is under way
    dns.awaitQueries(A, Type.HTTPS, 2);
    while (!names.quiet()) {
      Thread.onSpinWait();
    }
    assertThat(names.route(origin, Ticker.NEVER).hint()).isEmpty();
  }

  // ---- when nobody answers

  @Test
  void whileServersFailTheLastAnswerIsUsedOnForItsTime() throws Exception {
    names = names(d -> d.staleFor(Duration.ofMinutes(2)).timeout(Duration.ofSeconds(2)));
    dns.set(A, Type.A, 10, "127.0.0.2");
    resolve(A);
    dns.down();

    for (int second = 0; second < 60; second++) {
      pass(Duration.ofSeconds(1));
      sweep();
      assertThat(resolve(A)).as("after " + second + " s").containsExactly("127.0.0.2");
    }
    assertThat(entry(A, "A").staleServes()).isPositive();
    assertThat(entry(A, "A").ttlLeft()).isNegative();
    await("a failure is known", () -> entry(A, "A").lastError().isPresent());
    await("and told", () -> events.stream().anyMatch(ExchangeEvent.LookupFailed.class::isInstance));

    dns.up();
    pass(Duration.ofSeconds(31));
    refresh();
    assertThat(entry(A, "A").lastError()).isEmpty();
    assertThat(events).hasAtLeastOneElementOfType(ExchangeEvent.LookupRecovered.class);

    dns.down();
    pass(Duration.ofMinutes(3));
    assertThatThrownBy(() -> resolve(A))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining(dns.address());
  }

  @Test
  void aServerThatHangsCostsACallerWithAStaleAnswerHalfASecondOnce() throws Exception {
    dns.set(A, Type.A, 1, "127.0.0.2");
    resolve(A);
    dns.on(A, query -> {});
    pass(Duration.ofSeconds(2));

    long start = System.nanoTime();
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    long first = System.nanoTime() - start;
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    long second = System.nanoTime() - start - first;

    assertThat(Duration.ofNanos(first)).isLessThan(Duration.ofSeconds(2));
    assertThat(Duration.ofNanos(second)).isLessThan(Duration.ofMillis(200));
  }

  @Test
  void aNameThatIsGoneIsNotMaskedByWhatItHad() throws Exception {
    dns.set(A, Type.A, 1, "127.0.0.2");
    resolve(A);
    dns.remove(A, Type.A);
    pass(Duration.ofSeconds(2));

    assertThatThrownBy(() -> resolve(A))
        .hasMessageContaining("unknown host a.test")
        .hasMessageContaining(dns.address());
    assertThat(changes).as("its connections work").isEmpty();
  }

  @Test
  void thatANameDoesNotExistHoldsAsTheZoneSays() throws Exception { // RFC 2308
    dns.negativeTtl(20);
    assertThatThrownBy(() -> resolve(A)).isInstanceOf(StageFailure.class);
    pass(Duration.ofSeconds(18));
    assertThatThrownBy(() -> resolve(A)).isInstanceOf(StageFailure.class);
    assertThat(dns.queries(A, Type.A)).isEqualTo(1);

    dns.set(A, Type.A, 10, "127.0.0.2");
    pass(Duration.ofSeconds(3));
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  @Test
  void aFailureRestsASecondAndThenLonger() throws Exception {
    dns.on(A, query -> query.refuse(Rcode.SERVFAIL));
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> resolve(A))
          .isInstanceOf(StageFailure.class)
          .hasMessageContaining("SERVFAIL");
    }
    assertThat(dns.queries(A, Type.A)).as("two attempts").isEqualTo(2);

    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.heal(A);
    pass(Duration.ofMillis(1_100));
    assertThat(resolve(A)).containsExactly("127.0.0.2");
  }

  // ---- one family only

  @Test
  void oneFamilyWaitsForTheOtherNoLongerThanTheResolutionDelay() throws Exception {
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.set(A, Type.AAAA, 10, "::2");
    var go = new CountDownLatch(1);
    dns.on(
        A,
        query -> {
          if (query.type() == Type.AAAA) {
            go.await();
          }
          query.answer();
        });

    long start = System.nanoTime();
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(50), Duration.ofSeconds(2));

    go.countDown();
    await("the other came later", () -> !entry(A, "AAAA").addresses().isEmpty());
    assertThat(resolve(A)).hasSize(2);
  }

  @Test
  void whenOneFamilyFailsTheOtherIsUsed() throws Exception {
    dns.set(A, Type.AAAA, 10, "::2");
    dns.on(
        A,
        query -> {
          if (query.type() == Type.A) {
            query.refuse(Rcode.SERVFAIL);
          } else {
            query.answer();
          }
        });

    assertThat(resolve(A)).containsExactly("0:0:0:0:0:0:0:2");
  }

  @Test
  void aNameWithoutAnyAddressSaysSo() {
    dns.set(A, Type.TXT, 10, "\"hello\"");

    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("has no address");
  }

  // ---- past the cache

  @Test
  void aLookUpPastTheCacheIsDoneEveryFewSecondsOnly() throws Exception {
    dns.set(A, Type.A, 600, "127.0.0.2");
    resolve(A);
    dns.set(A, Type.A, 600, "127.0.0.3");

    for (int i = 0; i < 100; i++) {
      assertThat(texts(names.resolveAgain(A, Ticker.NEVER).list())).containsExactly("127.0.0.3");
    }
    assertThat(dns.queries(A, Type.A)).isEqualTo(2);
    await("told", () -> changes.size() == 1);

    pass(Duration.ofSeconds(4));
    names.resolveAgain(A, Ticker.NEVER);
    assertThat(dns.queries(A, Type.A)).isEqualTo(3);
  }

  // ---- who else may know

  @Test
  void aForbiddenAddressIsRefusedAfterResolution() throws Exception { // DNS rebinding
    names = names(d -> d.allowed(address -> !address.isLoopbackAddress()));
    dns.set(A, Type.A, 10, "127.0.0.2");
    dns.set("mixed.test", Type.A, 10, "127.0.0.2", "192.0.2.1");

    assertThatThrownBy(() -> resolve(A))
        .hasMessageContaining("dns.allowed")
        .hasMessageContaining("127.0.0.2");
    assertThatThrownBy(() -> resolve("127.0.0.1")).hasMessageContaining("dns.allowed");
    assertThat(resolve("mixed.test")).containsExactly("192.0.2.1");
  }

  @Test
  void aGivenResolverIsCachedLikeDns() throws Exception {
    var calls = new AtomicInteger();
    NameResolver registry =
        (host, timeout) ->
            switch (calls.incrementAndGet()) {
              case 1 ->
                  new NameResolver.Answer(
                      List.of(InetAddress.ofLiteral("127.0.0.9")), Duration.ofSeconds(5));
              case 2 -> throw new IOException("made up");
              default -> throw new UnknownHostException(host);
            };
    names = names(d -> d.resolver(registry));

    assertThat(resolve(A)).containsExactly("127.0.0.9");
    assertThat(resolve(A)).containsExactly("127.0.0.9");
    assertThat(calls).hasValue(1);
    pass(Duration.ofSeconds(6));
    assertThat(resolve(A)).as("stale").containsExactly("127.0.0.9");
    pass(Duration.ofSeconds(2));
    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("unknown host a.test: resolver");
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void aGivenResolverThatBreaksItsWordFailsTheCallAndNotTheClient() throws Exception {
    names =
        names(
            d ->
                d.timeout(Duration.ofMillis(300))
                    .resolver(
                        (host, timeout) ->
                            switch (host) {
                              case "null.test" -> null;
                              case "error.test" -> throw new StackOverflowError();
                              default -> {
                                new CountDownLatch(1).await();
                                throw new AssertionError();
                              }
                            }));

    assertThatThrownBy(() -> resolve("null.test")).isInstanceOf(StageFailure.class);
    assertThatThrownBy(() -> resolve("error.test")).isInstanceOf(StageFailure.class);
    assertThatThrownBy(() -> resolve("hangs.test")).isInstanceOf(StageFailure.class);
  }

  @Test
  void addressesNeedNoLookUp() throws Exception {
    assertThat(resolve("127.0.0.1")).containsExactly("127.0.0.1");
    assertThat(resolve("::1")).containsExactly("0:0:0:0:0:0:0:1");
    assertThat(dns.queries()).isEmpty();
  }
}
