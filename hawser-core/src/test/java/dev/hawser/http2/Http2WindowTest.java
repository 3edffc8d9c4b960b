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
    private final WindowSizer sizer;
    private int allowed = INITIAL;
    private long received;
    private long now;

    FarPeer(int frame, int most) {
      this.frame = frame;
      this.sizer = new WindowSizer(INITIAL, most);
    }

    /** All that the peer may send comes, and is taken; returns how much it was. */
    int round() throws IOException {
      now += 50_000_000;
      sizer.answered(now); // a PING was sent before the windows were opened
      int sent = allowed;
      allowed = 0;
      for (int left = sent; left > 0; left -= Math.min(left, frame)) {
        int count = Math.min(left, frame);
        assertThat(stream.data(ByteBuffer.allocate(count), count)).isTrue();
        received += count;
        sizer.received(count, received, now);
        stream.take();
        allowed += stream.windowUpdate(sizer.window());
      }
      return sent;
    }
  }

  @Test
  void threeQuartersOfItAreUnderWayWhateverTheFramesAre() throws IOException {
    for (int frame : new int[] {1000, 8192, 16_384 - 7, 16_384}) {
      var peer = new FarPeer(frame, INITIAL);
      for (int i = 0; i < 20; i++) {
        assertThat(peer.round()).as("with %d", frame).isGreaterThanOrEqualTo(INITIAL * 3 / 4);
      }
    }
  }

  @Test
  void itGrowsUntilThePathIsFull() throws IOException {
    for (int frame : new int[] {8192, 16_384 - 7}) {
      var peer = new FarPeer(frame, MOST);
      for (int i = 0; i < 40; i++) {
        peer.round();
      }
      assertThat(peer.sizer.window()).as("with %d", frame).isGreaterThan(MOST / 2);
    }
  }
}
