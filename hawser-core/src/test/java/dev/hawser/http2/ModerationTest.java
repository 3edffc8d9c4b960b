package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When the reader of a busy connection waits for more, and above all when it does not. */
class ModerationTest {
  private static final long MICROS = 1_000;

  private final Moderation moderation = new Moderation();
  private long now = 5_000_000_000L;

  @Test
  void responsesThatTrickleInToManyAreGathered() {
    assertThat(pays(1, 10 * MICROS, 64)).as("one after the other").isTrue();
    assertThat(pays(10, 110 * MICROS, 64)).as("those of a pause").isTrue();
  }

  @Test
  void fewCallersNeverWait() {
    for (int callers = 1; callers <= 16; callers++) {
      assertThat(pays(1, 15 * MICROS, callers)).as("%d callers", callers).isFalse();
    }
  }

  @Test
  void slowAnswersAreReadAsTheyCome() {
    assertThat(pays(1, 30 * MICROS, 64)).isFalse();
    assertThat(pays(3, 2_000 * MICROS, 100)).isFalse();
  }

  @Test
  void whoGetsManyAtOnceReadsOn() {
    assertThat(pays(30, 200 * MICROS, 64)).isFalse();
  }

  /** Or the server would run out of work before the next requests come. */
  @Test
  void aServerThatIsFastIsNotKeptWaiting() {
    assertThat(pays(1, 2 * MICROS, 64)).isFalse();
  }

  @Test
  void largeBodiesAreReadAsTheyCome() {
    assertThat(pays(64 * 1024, 4, 30 * MICROS, 64)).isFalse();
  }

  @Test
  void whatIsNoResponseIsNotWaitedFor() {
    assertThat(pays(0, 10 * MICROS, 64)).isFalse();
  }

  private boolean pays(int responses, long sinceLastRead, int open) {
    return pays(150 * responses, responses, sinceLastRead, open);
  }

  private boolean pays(int bytes, int responses, long sinceLastRead, int open) {
    moderation.pays(bytes, 1, now, 1);
    now += sinceLastRead;
    return moderation.pays(bytes, responses, now, open);
  }
}
