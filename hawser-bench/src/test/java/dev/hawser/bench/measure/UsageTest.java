package dev.hawser.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The allocation figure is only worth printing when it counts what virtual threads allocate. */
class UsageTest {
  private static final int THREADS = 8;
  private static final int ARRAYS = 2_000;
  private static final int SIZE = 4096;
  private static volatile byte[] sink = {};

  @Test
  void countsWhatVirtualThreadsAllocateAndNoMore() throws InterruptedException {
    allocate(); // classes and carriers are there
    Usage start = Usage.now();
    allocate();
    long counted = Usage.now().since(start).allocated();

    long known = (long) THREADS * ARRAYS * (SIZE + 16);
    assertThat((double) counted).isCloseTo((double) known, within(known * 0.02));
    assertThat(sink).hasSize(SIZE);
  }

  private static void allocate() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = 0; n < ARRAYS; n++) {
                      sink = new byte[SIZE];
                      if (n % 100 == 0) {
                        LockSupport.parkNanos(1_000); // on to another carrier, perhaps
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
