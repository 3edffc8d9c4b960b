package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ExchangeEvent;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** What is half known, late, or from somebody who has no say any more. */
@Timeout(60)
class NamesTroubleTest extends WithNames {
  private static final String A = "a.test";

  // ---- past the cache

  @Test
  void whoLooksPastTheCacheWaitsForTheAnswerAndSoDoWhoComeMeanwhile() throws Exception {
    names = names(d -> d.resolutionDelay(Duration.ofMillis(1)));
    dns.set(A, Type.A, 600, "127.0.0.2");
    resolve(A);
    dns.set(A, Type.A, 600, "127.0.0.3");
    dns.on(
        A,
        query -> {
          Thread.sleep(50); // a server far away
          query.answer();
        });

    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> first = callers.submit(this::resolveAgain);
      dns.awaitQueries(A, Type.A, 2);
      Future<List<String>> second = callers.submit(this::resolveAgain);
      assertThat(first.get()).containsExactly("127.0.0.3");
      assertThat(second.get()).containsExactly("127.0.0.3");
    }
    assertThat(dns.queries(A, Type.A)).isEqualTo(2);
  }

  private List<String> resolveAgain() throws Exception {
    return texts(names.resolveAgain(A, Ticker.NEVER).list());
  }

  @Test
  void whoLooksPastTheCacheInVainHasWhatWasKnown() throws Exception {
    dns.set(A, Type.A, 600, "127.0.0.2");
    resolve(A);
    dns.down();

    assertThat(resolveAgain()).containsExactly("127.0.0.2");
  }

  @Test
  void whatTheHostsFileSaysNobodyIsAskedForPastTheCacheEither() throws Exception {
    file("hosts", "127.0.0.7 a.test");
    pass(Duration.ofSeconds(2));
    resolve(A);
    resolve("localhost");
    resolveAgain();
    names.resolveAgain("localhost", Ticker.NEVER);
    await("quiet", names::quiet);

    assertThat(dns.queries()).isEmpty();
  }

  // ---- one family only

  @Test
  void aFamilyThatTheNameHasNotIsNotWaitedForAgain() throws Exception {
    names = names(d -> d.resolutionDelay(Duration.ofSeconds(10)));
    dns.negativeTtl(5);
    dns.set(A, Type.A, 600, "127.0.0.2");
    resolve(A);
    await("quiet", names::quiet);
    pass(Duration.ofSeconds(6));
    dns.hold();

    long start = System.nanoTime();
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    dns.awaitQueries(A, Type.AAAA, 2);
  }

  @Test
  void theFamilyThatComesLaterIsNoChange() throws Exception {
    dns.set(A, Type.A, 60, "127.0.0.2");
    dns.set(A, Type.AAAA, 60, "::2");
    var go = new CountDownLatch(1);
    dns.on(
        A,
        Type.AAAA,
        query -> {
          go.await();
          query.answer();
        });
    assertThat(resolve(A)).containsExactly("127.0.0.2");

    go.countDown();
    while (!names.quiet()) {
      Thread.onSpinWait();
    }
    assertThat(resolve(A)).hasSize(2);
    assertThat(changes).isEmpty();

    dns.set(A, Type.A, 60, "127.0.0.3");
    pass(Duration.ofSeconds(55));
    refresh();
    assertThat(changes).as("but this is").hasSize(1);
  }

  // ---- gone

  @Test
  void aNameThatIsGoneIsForgottenBeforeItsTimeWhenThatIsKnown() throws Exception {
    dns.set(A, Type.A, 100, "127.0.0.2");
    resolve(A);
    dns.remove(A, Type.A);
    await("quiet", names::quiet);
    pass(Duration.ofSeconds(91));
    resolve(A);
    refresh();

    assertThatThrownBy(() -> resolve(A)).hasMessageContaining("unknown host a.test");
  }

  @Test
  void aNameThatWasGoneForAMomentIsFoundAgainWithoutACall() throws Exception {
    dns.negativeTtl(5);
    dns.set(A, Type.A, 10, "127.0.0.2");
    resolve(A);
    await("quiet", names::quiet);
    dns.remove(A, Type.A); // by a tool that takes a record away to put in another
    pass(Duration.ofMillis(9_500));
    refresh();
    assertThat(changes).isEmpty();

    dns.set(A, Type.A, 10, "127.0.0.3");
    pass(Duration.ofSeconds(6));
    refresh();
    assertThat(changes).hasSize(1);
    assertThat(texts(changes.getFirst().removed())).containsExactly("127.0.0.2");
  }

  // ---- search domains

  @Test
  void bothFamiliesAreOfOneDomain() throws Exception {
    names = configured("search one.test two.test");
    dns.set("db.one.test", Type.A, 10, "127.0.0.2");
    dns.set("db.two.test", Type.AAAA, 10, "::2");
    dns.set("six.one.test", Type.AAAA, 10, "::3");
    dns.set("six.two.test", Type.A, 10, "127.0.0.3");

    assertThat(resolve("db")).containsExactly("127.0.0.2");
    assertThat(resolve("six")).containsExactly("0:0:0:0:0:0:0:3");
    await("quiet", names::quiet);
    pass(Duration.ofSeconds(11));
    assertThat(resolve("db")).as("and later").containsExactly("127.0.0.2");
  }

  @Test
  void aDomainThatHasNeitherFamilyIsPassedOver() throws Exception {
    names = configured("search one.test two.test");
    dns.set("db.one.test", Type.TXT, 10, "\"hello\"");
    dns.set("db.two.test", Type.A, 10, "127.0.0.2");

    assertThat(resolve("db")).containsExactly("127.0.0.2");
  }

  // ---- other servers

  @Test
  void otherServersAreNoChangeUntilAllTheirAnswersAreThere() throws Exception {
    names = configured("options timeout:3");
    dns.set(A, Type.A, 600, "127.0.0.2");
    dns.set(A, Type.AAAA, 600, "::2");
    resolve(A);
    await("quiet", names::quiet);
    var go = new CountDownLatch(1);
    dns.on(
        A,
        Type.A,
        query -> {
          go.await();
          query.answer();
        });

    configure("options timeout:4");
    pass(Duration.ofSeconds(2));
    sweep();
    dns.awaitQueries(A, Type.A, 2);
    await("one family is there", () -> entry(A, "AAAA").ttlLeft().isPositive());
    assertThat(resolve(A)).containsExactlyInAnyOrder("127.0.0.2", "0:0:0:0:0:0:0:2");
    go.countDown();
    await("quiet", names::quiet);

    assertThat(changes).isEmpty();
    assertThat(events).as("nothing had failed").isEmpty();
  }

  @Test
  void otherServersThatAreDeadCostNobodyWhatWasKnown() throws Exception {
    names = configured("options timeout:3");
    dns.set(A, Type.A, 600, "127.0.0.2");
    resolve(A);
    dns.down();

    configure("options timeout:4");
    pass(Duration.ofSeconds(2));
    sweep();
    assertThat(resolve(A)).containsExactly("127.0.0.2");
    await("told", () -> events.stream().anyMatch(ExchangeEvent.LookupFailed.class::isInstance));
  }

  private Names configured(String options) throws Exception {
    configure(options);
    return configured(d -> d);
  }

  private void configure(String options) throws Exception {
    file("resolv.conf", "nameserver 127.0.0.1", options);
  }

  // ---- taking turns

  @Test
  void namesInTroubleDoNotKeepTheOthersFromTheirTurn() throws Exception {
    names = names(d -> d.maxRefreshes(2));
    for (int i = 0; i < 20; i++) {
      dns.set("bad" + i + ".test", Type.A, 10, "127.0.0.2");
      dns.set("good" + i + ".test", Type.A, 10, "127.0.0.2");
      resolve("bad" + i + ".test");
      resolve("good" + i + ".test");
      dns.on("bad" + i + ".test", query -> query.refuse(Rcode.SERVFAIL));
    }
    for (int round = 0; round < 100; round++) {
      pass(Duration.ofSeconds(31)); // all of them are due
      names.sweep(ticker.nanos(), host -> true);
      while (!names.quiet()) {
        Thread.onSpinWait();
      }
    }

    for (int i = 0; i < 20; i++) {
      assertThat(dns.queries("good" + i + ".test", Type.A)).as("good" + i).isGreaterThan(2);
    }
  }

  // ---- the end

  @Test
  void afterTheCloseNobodyIsAskedToComeBack() throws Exception {
    dns.set(A, Type.A, 3_600, "127.0.0.2");
    dns.hold();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> caller = callers.submit(() -> resolve(A));
      dns.awaitQueries(A, Type.A, 1);
      dns.awaitQueries(A, Type.AAAA, 1);
      names.close();
      wakes.clear();
      dns.release();
      assertThat(caller.get()).containsExactly("127.0.0.2");
    }
    while (!names.quiet()) {
      Thread.onSpinWait();
    }

    assertThat(wakes).as("a thread would wait for that, for an hour").isEmpty();
  }

  // ---- who stood in

  @Test
  void whenDnsAnswersAgainTheSystemHasNoSayAnyMore() throws Exception {
    names = configured("");
    String own = InetAddress.getLocalHost().getHostName(); // the machine's hosts file has it
    dns.down();
    assertThat(resolve(own)).isNotEmpty();
    assertThat(entry(own, "ADDRESS").source()).isEqualTo("system");

    dns.set(own, Type.A, 600, "127.0.0.9");
    dns.up();
    pass(Duration.ofSeconds(40));
    assertThat(resolve(own)).containsExactly("127.0.0.9");
    await("quiet", names::quiet);
    pass(Duration.ofSeconds(15));
    assertThat(resolve(own)).containsExactly("127.0.0.9");
  }
}
