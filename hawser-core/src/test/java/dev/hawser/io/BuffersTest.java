package dev.hawser.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.io.Buffers.BudgetExceededException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Buffers are counted against one budget, and used again. */
class BuffersTest {
  @Test
  void whatIsGivenBackIsUsedAgain() throws Exception {
    var buffers = new Buffers(1 << 20);
    byte[] buffer = buffers.acquire();

    buffers.release(buffer);

    assertThat(buffers.acquire()).isSameAs(buffer).hasSize(Buffers.SIZE);
  }

  @Test
  void theBudgetHoldsForBuffersAndReservationsTogether() throws Exception {
    var buffers = new Buffers(2L * Buffers.SIZE);
    byte[] first = buffers.acquire();
    buffers.reserve(Buffers.SIZE);

    assertThatThrownBy(buffers::acquire)
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("32768 bytes");
    assertThatThrownBy(() -> buffers.reserve(1)).isInstanceOf(BudgetExceededException.class);
    assertThat(buffers.used()).as("a refusal counts nothing").isEqualTo(2L * Buffers.SIZE);

    buffers.unreserve(Buffers.SIZE);
    buffers.release(buffers.acquire());
    buffers.release(first);
    assertThat(buffers.used()).isZero();
  }

  @Test
  void onlyAFewFreeBuffersAreKept() throws Exception {
    var buffers = new Buffers(1 << 24);
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(buffers.acquire());
    }
    all.forEach(buffers::release);

    int known = 0;
    for (int i = 0; i < 100; i++) {
      byte[] buffer = buffers.acquire();
      known += all.stream().anyMatch(b -> b == buffer) ? 1 : 0;
    }
    assertThat(known).isEqualTo(64);
  }
}
