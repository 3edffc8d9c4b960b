package dev.hawser.http2;

import static dev.hawser.http2.Wire.hex;
import static dev.hawser.http2.Wire.integer;
import static dev.hawser.http2.Wire.literal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no field block, what a hostile one costs, and what is kept. */
class HpackDecoderTest {
  private static final int LIMIT = 16 * 1024;

  private final HpackDecoder decoder = new HpackDecoder(4096, LIMIT);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80                       | index 0 of 61", // there is no index 0
        "be                       | index 62 of 61", // beyond the table
        "ff80ffffff07             | index 2147483647 of", // far beyond it
        "7e00                     | index 62 of 61", // also as a name
        "ff80ffffffff07           | an integer of more than 31 bits",
        "ffffffffff0f             | an integer of more than 31 bits",
        "ff808080808000           | an integer of more than 31 bits", // zeros that do not end
        "ff                       | ends within an integer",
        "ff80                     | ends within an integer",
        "00                       | ends before a string",
        "000161                   | ends before a string", // no value
        "000261                   | a string of 2 bytes where the block has 1 left",
        "007f80ffffff07           | a string of 2147483647 bytes",
        "3fe21f                   | a table size update to 4097, beyond the limit of 4096",
        "3f80ffffff07             | beyond the limit",
        "8220                     | a table size update after a field",
        "20202082                 | more than two",
        "0001618400000000         | padding", // eight zeros: 3 bits are not padding
        "000161811e               | padding", // '0' has 5 bits, then 110
        "00016182ffff             | padding", // nothing but padding, more than 7 bits
        "00016181ff               | padding",
        "00016184fffffffc         | EOS",
        "00016184ffffffff         | EOS",
      })
  void refuses(String wire, String why) {
    assertThatThrownBy(() -> Wire.decode(decoder, hex(wire)))
        .isInstanceOf(HpackException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // an empty block
        "20", // only an update
        "203fe11f 82", // the least and the last of several changes
        "00016180", // an empty Huffman string
        "000000000000", // two fields with empty names, which HPACK does not mind
        "000161 8107", // '0' and 7 - 4 ones of padding
      })
  void accepts(String wire) throws Exception {
    decoder.decode(hex(wire), (name, value, sensitive) -> {});
  }

  /** As many fields of 34 bytes in the table. */
  private static String fields(int count) {
    return ("40" + literal("a") + literal("b")).repeat(count);
  }

  @Test
  void theSameStringsComeAgain() throws Exception {
    var seen = new ArrayList<String>();
    HpackDecoder.Sink sink = (name, value, sensitive) -> seen.addAll(List.of(name, value));
    decoder.decode(hex("40" + literal("x-name") + literal("value") + "88"), sink);
    decoder.decode(hex("be88 7e" + literal("other")), sink);

    assertThat(seen)
        .containsExactly(
            "x-name", "value", ":status", "200", "x-name", "value", ":status", "200", "x-name",
            "other");
    for (int i = 0; i < 4; i++) {
      assertThat(seen.get(i + 4)).isSameAs(seen.get(i));
    }
    assertThat(seen.get(8)).isSameAs(seen.getFirst());
  }

  @Test
  void literalsThatComeAgainAreTheSameStrings() throws Exception {
    var seen = new ArrayList<String>();
    HpackDecoder.Sink sink = (name, value, sensitive) -> seen.addAll(List.of(name, value));
    String field = "00" + literal("x-name") + "86a8eb10649cbf"; // no-cache, Huffman-coded
    decoder.decode(hex(field + field), sink);

    assertThat(seen).containsExactly("x-name", "no-cache", "x-name", "no-cache");
    assertThat(seen.get(2)).isSameAs(seen.get(0));
    assertThat(seen.get(3)).isSameAs(seen.get(1));
  }

  @Test
  void aLiteralIsTakenForNoOther() throws Exception {
    String coded = "00 0161 86a8eb10649cbf";
    String plain = "00 0161 06a8eb10649cbf"; // the same bytes, not Huffman-coded
    for (int i = 0; i < 2; i++) {
      assertThat(Wire.decode(decoder, hex(coded))).containsExactly("a: no-cache");
      assertThat(Wire.decode(decoder, hex(plain)))
          .containsExactly("a: \u00a8\u00eb\u0010d\u009c\u00bf");
    }
    for (int i = 0; i < 3_000; i++) { // many more than there are places
      String value = "value " + i % 1_000;
      assertThat(Wire.decode(decoder, hex("0f25" + literal(value))))
          .containsExactly("refresh: " + value);
    }
  }

  @Test
  void theLimitHoldsForALiteralThatComesAgain() throws Exception {
    var tight = new HpackDecoder(4096, 60);
    String field = "00" + literal("name") + literal("v".repeat(20));

    assertThat(Wire.decode(tight, hex(field + field)))
        .containsExactly("name: " + "v".repeat(20), "(over the limit)");
  }

  @Test
  void bytesAbove127AreLatin1() throws Exception {
    assertThat(Wire.decode(decoder, hex("00 0161 03e9ff80")))
        .containsExactly("a: \u00e9\u00ff\u0080");
  }

  @Test
  void anEntryLargerThanTheTableEmptiesIt() throws Exception {
    Wire.decode(decoder, hex("40" + literal("a") + literal("b")));
    List<String> told =
        Wire.decode(decoder, hex("40" + literal("a") + literal("c".repeat(4096 - 32))));

    assertThat(told).containsExactly("a: " + "c".repeat(4096 - 32)); // one too large, but told
    assertThatThrownBy(() -> Wire.decode(decoder, hex("be"))).hasMessageContaining("62 of 61");
  }

  @Test
  void aNameOutlivesTheEvictionOfItsEntry() throws Exception {
    Wire.decode(decoder, hex("40" + literal("name") + literal("b")));
    String large = "c".repeat(4096 - 32 - 4);

    assertThat(Wire.decode(decoder, hex("7e" + literal(large) + "be")))
        .containsExactly("name: " + large, "name: " + large);
  }

  @Test
  void aSmallTableIsSmallFromTheStart() throws Exception {
    var small = new HpackDecoder(64, LIMIT);
    Wire.decode(small, hex(fields(3)));

    assertThat(Wire.decode(small, hex("be"))).containsExactly("a: b");
    assertThatThrownBy(() -> Wire.decode(small, hex("bf"))).hasMessageContaining("63 of 62");
    assertThatThrownBy(() -> Wire.decode(small, hex(integer(0x20, 5, 65))))
        .hasMessageContaining("beyond the limit of 64");
  }

  @Test
  void sizeUpdatesEvict() throws Exception {
    Wire.decode(decoder, hex(fields(3)));
    Wire.decode(decoder, hex(integer(0x20, 5, 2 * 34)));
    assertThat(Wire.decode(decoder, hex("bf"))).hasSize(1);
    Wire.decode(decoder, hex("20" + integer(0x20, 5, 4096)));
    assertThatThrownBy(() -> Wire.decode(decoder, hex("be"))).hasMessageContaining("62 of 61");
  }

  @Test
  void theSectionMayBeAsLargeAsItsLimit() throws Exception {
    var exact = new HpackDecoder(4096, 2 * 34);

    assertThat(Wire.decode(exact, hex(fields(2)))).containsExactly("a: b", "a: b");
    assertThat(Wire.decode(exact, hex("bebebe")))
        .containsExactly("a: b", "a: b", "(over the limit)");
    assertThat(Wire.decode(exact, hex("be"))).containsExactly("a: b"); // counted anew
  }

  @Test
  void afterTheLimitNothingIsToldButTheTableStaysInStep() throws Exception {
    var exact = new HpackDecoder(4096, 100);
    String large = "00" + literal("n") + literal("v".repeat(200));

    assertThat(Wire.decode(exact, hex(large + "40" + literal("late") + literal("entry") + "88")))
        .containsExactly("(over the limit)");
    assertThat(Wire.decode(exact, hex("be"))).containsExactly("late: entry");
    assertThatThrownBy(() -> Wire.decode(exact, hex(large + "8100ff")))
        .isInstanceOf(HpackException.class); // what is not told is checked all the same
  }

  @Test
  @Timeout(30)
  void aBombCostsNoMoreThanItsBytes() throws Exception {
    Wire.decode(decoder, hex("40" + literal("n") + literal("v".repeat(4000))));
    ByteBuffer bomb = hex("be".repeat(1_000_000)); // four gigabytes

    var told = new ArrayList<String>();
    HpackDecoder.Sink sink = (name, value, sensitive) -> told.add(value);
    assertThat(decoder.decode(bomb.duplicate(), sink)).isFalse();
    assertThat(told).hasSize(4);
    long before = allocated();
    decoder.decode(bomb, (name, value, sensitive) -> {});
    assertThat(allocated() - before).isLessThan(100_000);
  }

  @Test
  void whatIsOverTheLimitIsNotMade() throws Exception {
    String zeros = "00".repeat(8_000_000); // Huffman: 12.8 million '0'
    ByteBuffer coded = hex("00 0161" + integer(0x80, 7, 8_000_000) + zeros);
    ByteBuffer plain = hex("00 0161" + integer(0x00, 7, 8_000_000) + zeros);
    for (ByteBuffer block : List.of(coded, plain, hex(fields(1)))) {
      Wire.decode(decoder, block.duplicate());
      long before = allocated();
      boolean whole = decoder.decode(block, (name, value, sensitive) -> {});
      assertThat(allocated() - before).isLessThan(200_000);
      assertThat(whole).isEqualTo(block.limit() < 100);
    }
  }

  @Test
  void indexedFieldsAllocateNothing() throws Exception {
    Wire.decode(decoder, hex(fields(10)));
    ByteBuffer block = ByteBuffer.allocateDirect(16);
    block.put(hex("88 be bf c0 c1 c2 c3")).flip();
    HpackDecoder.Sink sink = (name, value, sensitive) -> {};
    for (int i = 0; i < 10; i++) {
      decoder.decode(block.rewind(), sink);
    }
    long before = allocated();
    for (int i = 0; i < 100_000; i++) {
      decoder.decode(block.rewind(), sink);
    }
    assertThat(allocated() - before).isLessThan(100_000); // less than a byte each
  }

  static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
