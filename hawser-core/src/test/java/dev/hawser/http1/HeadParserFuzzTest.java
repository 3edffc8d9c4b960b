package dev.hawser.http1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hawser.Http1Options;
import dev.hawser.wire.MalformedResponseException;
import java.util.Arrays;

/**
 * Whatever the bytes: the parser returns a head, wants more, or says what is wrong; never anything
 * else, and never reads past the end. {@code JAZZER_FUZZ=1 ./mvnw -pl hawser-core -am test
 * -Dtest=HeadParserFuzzTest} searches with coverage guidance; without it the corpus is run.
 */
class HeadParserFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void neverFailsOtherwise(byte[] input) {
    if (input == null) {
      return;
    }
    byte[] padded = Arrays.copyOf(input, input.length + 8);
    Arrays.fill(padded, input.length, padded.length, (byte) 0xAA);
    var parser = new HeadParser(Http1Options.DEFAULTS);
    try {
      ResponseHead head = parser.parse(padded, 0, input.length);
      if (head != null) {
        check(parser, head, input.length);
      }
    } catch (MalformedResponseException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("no message", e);
      }
    }
    for (int i = input.length; i < padded.length; i++) {
      if (padded[i] != (byte) 0xAA) {
        throw new AssertionError("wrote past the end");
      }
    }
  }

  private static void check(HeadParser parser, ResponseHead head, int length) {
    if (parser.end() > length || head.statusCode() < 100 || head.statusCode() > 999) {
      throw new AssertionError("impossible head");
    }
    head.headers().map();
    if (head.transferCoding() != ResponseHead.TransferCoding.NONE
        && head.contentLength() != ResponseHead.NO_LENGTH) {
      throw new AssertionError("two framings");
    }
  }
}
