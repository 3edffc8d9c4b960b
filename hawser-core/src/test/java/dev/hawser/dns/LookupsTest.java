package dev.hawser.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.DnsOptions;
import dev.hawser.dns.Entry.State;
import dev.hawser.io.Ticker;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One look-up at a time, and none too many. */
@Timeout(60)
class LookupsTest {
  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();
  private final Entry entry = new Entry("a.test", RecordType.A, this::answer);
  private final Lookups lookups =
      new Lookups(
          DnsOptions.DEFAULTS,
          clock::get,
          new SplittableRandom(1),
          new Lookups.Observer() {
            @Override
            public void updated(Entry changed, State before, State after) {}

            @Override
            public void ended(Entry changed) {}
          });

  private Reply answer(String host, RecordType type, long deadline) {
    assertThat(deadline).isLessThan(Ticker.NEVER);
    asked.incrementAndGet();
    return new Reply(Reply.Status.NO_DATA, List.of(), 10, "the test");
  }

  @Test
  void whoLookedBeforeAnAnswerCameAndAsksAfterwardsHasTheAnswer() throws Exception {
    State before = entry.state;
    State answered = lookups.begin(entry, before).result().get();

    assertThat(lookups.begin(entry, before).result()).isCompletedWithValue(answered);
    assertThat(asked).hasValue(1);
  }

  @Test
  void whoFindsTheAnswerTooOldAsksAgain() throws Exception {
    State answered = lookups.begin(entry, entry.state).result().get();

    State again = lookups.begin(entry, answered).result().get(); // ahead of its end

    assertThat(again).isNotSameAs(answered);
    assertThat(asked).hasValue(2);
  }

  @Test
  void anAnswerThatHasEndedMeanwhileIsNone() throws Exception {
    State before = entry.state;
    State ignored = lookups.begin(entry, before).result().get();
    clock.addAndGet(60_000_000_000L);

    State again = lookups.begin(entry, before).result().get();

    assertThat(again.fresh(clock.get())).isTrue();
    assertThat(asked).hasValue(2);
  }
}
