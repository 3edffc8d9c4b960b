package dev.hawser.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Field blocks as hexadecimal, and what they say as {@code name: value}. */
final class Wire {
  private Wire() {}

  static ByteBuffer hex(String digits) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
  }

  static String hex(Block block) {
    return HexFormat.of().formatHex(block.bytes(), 0, block.length());
  }

  static ByteBuffer sent(Block block) {
    return ByteBuffer.wrap(Arrays.copyOf(block.bytes(), block.length()));
  }

  /** A string literal that is not Huffman-coded. */
  static String literal(String text) {
    return integer(0, 7, text.length())
        + HexFormat.of().formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String integer(int high, int prefix, int value) {
    var block = new Block();
    block.integer(high, prefix, value);
    return hex(block);
  }

  static List<String> decode(HpackDecoder decoder, ByteBuffer block) throws HpackException {
    var fields = new ArrayList<String>();
    boolean whole =
        decoder.decode(block, (name, value, sensitive) -> fields.add(name + ": " + value));
    if (!whole) {
      fields.add("(over the limit)");
    }
    return fields;
  }
}
