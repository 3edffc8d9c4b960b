package dev.hawser.http2;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Whatever the bytes: the decoder tells fields within its limit or says what is wrong, and two that
 * read the same, one with nothing to tell, keep the same table. {@code JAZZER_FUZZ=1 ./mvnw -pl
 * hawser-core -am test -Dtest=HpackDecoderFuzzTest} searches with coverage guidance; without it the
 * corpus is run.
 */
class HpackDecoderFuzzTest {
  private static final int LIMIT = 512;

  @FuzzTest(maxDuration = "2m")
  void neverFailsOtherwise(byte[] input) {
    if (input == null) {
      return;
    }
    var ample = new HpackDecoder(4096, Integer.MAX_VALUE);
    var tight = new HpackDecoder(4096, LIMIT);
    // Two blocks of one connection: the second meets what the first left in the table.
    int half = input.length / 2;
    for (byte[] block :
        new byte[][] {Arrays.copyOf(input, half), Arrays.copyOfRange(input, half, input.length)}) {
      Reading inFull = read(ample, block, Integer.MAX_VALUE);
      Reading inPart = read(tight, block, LIMIT);
      if (!inFull.told.startsWith(inPart.told) || inFull.failed != inPart.failed) {
        throw new AssertionError(inFull + " is read as " + inPart);
      }
      if (inFull.failed) {
        return;
      }
    }
  }

  private record Reading(String told, boolean failed) {}

  private static Reading read(HpackDecoder decoder, byte[] block, int limit) {
    var told = new StringBuilder();
    int[] size = {0};
    boolean failed = false;
    try {
      decoder.decode(
          ByteBuffer.wrap(block),
          (name, value, sensitive) -> {
            size[0] += name.length() + value.length() + 32;
            told.append(name).append(": ").append(value).append('\n');
          });
    } catch (HpackException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("no message", e);
      }
      failed = true;
    }
    if (size[0] > limit) {
      throw new AssertionError("told " + size[0]);
    }
    return new Reading(told.toString(), failed);
  }
}
