package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Timeline;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaterfallTest {
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

  private static Timeline millis(double... each) {
    Duration[] d = new Duration[each.length];
    for (int i = 0; i < each.length; i++) {
      d[i] = Duration.ofNanos(Math.round(each[i] * 1e6));
    }
    return new Timeline(
        d[0], d[1], d[2], Duration.ZERO, d[3], d[4], d[5], d[6], Duration.ZERO, d[7], false);
  }

  private static String draw(Timeline timeline, boolean colours, boolean unicode) {
    var console = new Console(NOWHERE, NOWHERE, colours, false, colours, unicode);
    return String.join("\n", new Waterfall(console).draw(timeline)) + "\n";
  }

  @Test
  void eachBarBeginsWhereTheOneBeforeItEnds() {
    assertThat(draw(millis(0, 12, 12, 24, 0.01, 36, 12, 96.01), false, true))
        .isEqualTo(
            """
              dns        ██████                                               12.0 ms
              connect          ██████                                         12.0 ms
              tls                    ████████████                             24.0 ms
              request                            ▏                            0.01 ms
              firstByte                          ██████████████████           36.0 ms
              body                                                 ██████     12.0 ms
              total                                                           96.0 ms
            """);
  }

  @Test
  void aReusedConnectionHasNoConnectPhases() {
    assertThat(draw(millis(0.02, 0, 0, 0, 0.05, 1250, 0.4, 1250.47), false, true))
        .isEqualTo(
            """
              queue      ▏                                                    0.02 ms
              request    ▏                                                    0.05 ms
              firstByte  ████████████████████████████████████████████████     1250 ms
              body                                                      ▏     0.40 ms
              total                                                           1250 ms
            """);
  }

  @Test
  void timeBetweenThePhasesStaysEmpty() {
    assertThat(draw(millis(0, 0, 10, 0, 0, 10, 0, 40), false, false))
        .isEqualTo(
            """
              connect    ############                                         10.0 ms
              firstByte              ############                             10.0 ms
              total                                                           40.0 ms
            """);
  }

  @Test
  void nothingAtAllIsDrawnToo() {
    assertThat(draw(millis(0, 0, 0, 0, 0, 0, 0, 0), false, true))
        .isEqualTo("  total                                                           0.00 ms\n");
  }

  @Test
  void terminalsGetColours() {
    assertThat(draw(millis(0, 1, 0, 0, 0, 0, 0, 1), true, true)).contains("\u001b[36m█");
  }
}
