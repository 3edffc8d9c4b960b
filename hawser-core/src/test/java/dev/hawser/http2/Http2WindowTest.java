package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.io.Buffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A stream's window, while a peer far away sends all that it may, and a consumer keeps pace. */
class Http2WindowTest {
  private static final int INITIAL = 256 * 1024;
  private static final int MOST = 16 * 1024 * 1024;

  /** A path that carries more than any window, in rounds: what is told in one comes in the next. */
  private static final class FarPeer {
    private final Http2Stream stream = new Http2Stream(INITIAL, new Buffers(1L << 30));
    private final int frame;
    private int allowed = INITIAL;

    FarPeer(int frame) {
      this.frame = frame;
    }

    /** All that the peer may send comes, and is taken; returns how much it was. */
    int round(int target) throws IOException {
      int sent = allowed;
      allowed = 0;
      for (int left = sent; left > 0; left -= Math.min(left, frame)) {
        int count = Math.min(left, frame);
        assertThat(stream.data(ByteBuffer.allocate(count), count)).isTrue();
        stream.take();
        allowed += stream.windowUpdate(target);
      }
      return sent;
    }
  }

  @Test
  void threeQuartersOfItAreUnderWayWhateverTheFramesAre() throws IOException {
    for (int frame : new int[] {1000, 8192, 16_384 - 7, 16_384}) {
      var peer = new FarPeer(frame);
      for (int i = 0; i < 20; i++) {
        assertThat(peer.round(INITIAL)).as("with %d", frame).isGreaterThan(INITIAL * 3 / 4);
      }
    }
  }

  @Test
  void itGrowsUntilThePathIsFull() throws IOException {
    for (int frame : new int[] {8192, 16_384 - 7}) {
      var sizer = new WindowSizer(INITIAL, MOST);
      var peer = new FarPeer(frame);
      long received = 0;
      long now = 0;
      for (int i = 0; i < 40; i++) {
        int count = peer.round(sizer.window());
        received += count;
        now += 50_000_000;
        sizer.answered(now); // the PING of the last round comes before the next data
        sizer.received(frame, received, now);
        sizer.received(count - frame, received, now);
      }
      assertThat(sizer.window()).as("with %d", frame).isGreaterThan(MOST / 2);
    }
  }
}
