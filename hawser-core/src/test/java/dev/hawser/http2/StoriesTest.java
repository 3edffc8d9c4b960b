package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a dozen other encoders made of real traffic, and what ours makes of it. */
class StoriesTest {
  /** A brace, a bracket, or a key with what begins its value. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "[{}\\[\\]]|\"((?:[^\"\\\\]|\\\\.)*)\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\d+)|(?=\\[))");

  private record Case(int tableSize, String wire, List<String> names, List<String> values) {
    List<String> fields() {
      var fields = new ArrayList<String>();
      for (int i = 0; i < names.size(); i++) {
        fields.add(names.get(i) + ": " + values.get(i));
      }
      return fields;
    }
  }

  static List<Path> stories() throws IOException, URISyntaxException {
    Path root = Path.of(Objects.requireNonNull(StoriesTest.class.getResource("stories")).toURI());
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static List<Case> read(Path story) throws IOException {
    var cases = new ArrayList<Case>();
    int depth = 0;
    int tableSize = 4096;
    String wire = "";
    var names = new ArrayList<String>();
    var values = new ArrayList<String>();
    Matcher token = TOKEN.matcher(Files.readString(story));
    while (token.find()) {
      String key = token.group(1);
      if (key == null) {
        depth += token.group().equals("{") || token.group().equals("[") ? 1 : -1;
        if (depth == 2 && token.group().equals("}")) {
          cases.add(new Case(tableSize, wire, List.copyOf(names), List.copyOf(values)));
          names.clear();
          values.clear();
        }
      } else if (depth == 5) {
        names.add(key.replace("\\", ""));
        values.add(token.group(2).replace("\\", "")); // what they escape is quotes and slashes
      } else if (key.equals("wire")) {
        wire = token.group(2);
      } else if (key.equals("header_table_size")) {
        tableSize = Integer.parseInt(token.group(3));
      }
    }
    return cases;
  }

  @Test
  void thereAreStories() throws Exception {
    assertThat(stories()).hasSizeGreaterThan(50);
    assertThat(stories()).allSatisfy(story -> assertThat(read(story)).isNotEmpty());
  }

  @ParameterizedTest
  @MethodSource("stories")
  void decodesWhatOthersEncoded(Path story) throws Exception {
    List<Case> cases = read(story);
    int tableSize = cases.stream().mapToInt(Case::tableSize).max().orElseThrow();
    var decoder = new HpackDecoder(tableSize, 1 << 20);
    for (Case one : cases) {
      byte[] wire = HexFormat.of().parseHex(one.wire);
      var direct = ByteBuffer.allocateDirect(wire.length).put(wire).flip();
      assertThat(Wire.decode(decoder, direct)).isEqualTo(one.fields());
      assertThat(direct.hasRemaining()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("stories")
  void encodesSmallAndDecodesAgain(Path story) throws Exception {
    var encoder = new HpackEncoder();
    var decoder = new HpackDecoder(4096, 1 << 20);
    var block = new Block();
    for (Case one : read(story)) {
      block.clear();
      encoder.maxTableSize(one.tableSize);
      int plain = 0;
      for (int i = 0; i < one.names.size(); i++) {
        String value = one.values.get(i);
        encoder.encode(one.names.get(i), value, false, block);
        plain += one.names.get(i).length() + value.getBytes(StandardCharsets.UTF_8).length;
      }
      assertThat(block.length()).isLessThan(plain);
      assertThat(Wire.decode(decoder, Wire.sent(block))).isEqualTo(one.fields());
    }
  }
}
