package dev.hawser.http2;

import static dev.hawser.http2.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent, in which representation, and that a decoder gets back what went in. */
class HpackEncoderTest {
  private final HpackEncoder encoder = new HpackEncoder();
  private final HpackDecoder decoder = new HpackDecoder(4096, 1 << 20);
  private final Block block = new Block();

  private String encode(String name, String value) {
    block.clear();
    encoder.encode(name, value, false, block);
    return hex(block);
  }

  @Test
  void whatIsStaticIsOneByte() {
    assertThat(encode(":method", "GET")).isEqualTo("82");
    assertThat(encode(":method", "POST")).isEqualTo("83");
    assertThat(encode(":path", "/")).isEqualTo("84");
    assertThat(encode(":scheme", "https")).isEqualTo("87");
    assertThat(encode("accept-encoding", "gzip, deflate")).isEqualTo("90");
  }

  @Test
  void authorityIsIndexedAtOnceAsInTheRfc() {
    assertThat(encode(":authority", "www.example.com"))
        .isEqualTo("418cf1e3c2e5f23a6ba0ab90f4ff"); // RFC 7541 C.4.1
    assertThat(encode(":authority", "www.example.com")).isEqualTo("be");
  }

  @Test
  void otherFieldsAreIndexedWhenTheyComeAgain() {
    assertThat(encode("x-a", "1")).startsWith("00");
    assertThat(encode("x-a", "1")).startsWith("40");
    assertThat(encode("x-a", "1")).isEqualTo("be");
    assertThat(encode("x-a", "2")).startsWith("0f2f"); // the name is that of entry 62
  }

  @Test
  void whatChangesPushesNothingOut() throws Exception {
    encode("user-agent", "hawser");
    for (int i = 0; i < 1_000; i++) {
      encode("x-request-id", "number " + i);
      encode(":path", "/items?id=7");
      encode("content-length", "77");
    }
    assertThat(encode("user-agent", "hawser")).isEqualTo("be");
    assertThat(encode(":path", "/items?id=7")).startsWith("04");
    assertThat(encode("content-length", "77")).startsWith("0f0d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization", "proxy-authorization", "set-cookie", "cookie"})
  void secretsAreNeverIndexed(String name) throws Exception {
    for (int i = 0; i < 3; i++) {
      encode(name, "secret");
      var sensitive = new ArrayList<Boolean>();
      decoder.decode(Wire.sent(block), (n, value, secret) -> sensitive.add(secret));
      assertThat(sensitive).containsExactly(true);
      assertThat(block.bytes()[0] & 0xF0).isEqualTo(0x10);
    }
  }

  @Test
  void whoeverAsksForItIsNeverIndexed() {
    encode("x-key", "k");
    encode("x-key", "k");
    block.clear();
    encoder.encode("x-key", "k", true, block);
    encoder.encode(":method", "GET", true, block);
    assertThat(hex(block)).startsWith("10").endsWith("12" + "03474554"); // literals both
  }

  @Test
  void aLongCookieMayBeIndexed() {
    String cookie = "session=0123456789abcdef";
    encode("cookie", cookie);
    encode("cookie", cookie);
    assertThat(encode("cookie", cookie)).isEqualTo("be");
  }

  @Test
  void plainWhereHuffmanIsNotShorter() throws Exception {
    assertThat(encode("date", "\u00e9\u00ff")).isEqualTo("0f1202e9ff");
    assertThat(Wire.decode(decoder, Wire.sent(block))).containsExactly("date: \u00e9\u00ff");
  }

  @Test
  void noCharacterIsCutToAByte() {
    assertThatThrownBy(() -> encode("x-a", "split\u010d\u010aheader"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tableSizesChangeInMidConnection() throws Exception {
    encode("user-agent", "hawser");

    encoder.maxTableSize(4096);
    assertThat(encode("user-agent", "hawser")).isEqualTo("be"); // nothing new
    encoder.maxTableSize(65_536);
    assertThat(encode("user-agent", "hawser")).isEqualTo("be"); // no more than 4096 are used
    encoder.maxTableSize(0);
    encoder.maxTableSize(8_192);
    assertThat(encode("user-agent", "hawser")).startsWith("203fe11f7a"); // both, and it is gone
    encoder.maxTableSize(100);
    assertThat(encode("user-agent", "hawser")).isEqualTo("3f45be");
    encoder.maxTableSize(40);
    encoder.maxTableSize(60);
    assertThat(encode("user-agent", "hawser")).startsWith("3f09" + "3f1d" + "0f2b");
    encoder.maxTableSize(0);
    assertThat(encode("user-agent", "hawser")).startsWith("20" + "0f2b");
    assertThat(encode("user-agent", "hawser")).startsWith("0f2b");
  }

  @Test
  void whatGoesInComesOut() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var sender = new HpackEncoder();
      var receiver = new HpackDecoder(4096, 1 << 20);
      List<String> names = new ArrayList<>(List.of(":path", ":authority", "cookie", "accept"));
      for (int i = 0; i < 20; i++) {
        names.add("x-" + text(random, 20, 'a', 'z'));
      }
      List<String> values = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        values.add(text(random, 1 << random.nextInt(12), ' ', random.nextInt(4) == 0 ? 255 : 126));
      }
      for (int request = 0; request < 100; request++) {
        while (random.nextInt(20) == 0) {
          sender.maxTableSize(random.nextInt(2) * random.nextInt(5_000));
        }
        block.clear();
        var sent = new ArrayList<String>();
        for (int i = random.nextInt(30); i > 0; i--) {
          String name = names.get(random.nextInt(names.size()));
          String value = values.get(random.nextInt(values.size()));
          sender.encode(name, value, random.nextInt(10) == 0, block);
          sent.add(name + ": " + value);
        }
        assertThat(Wire.decode(receiver, Wire.sent(block))).as("seed %d", seed).isEqualTo(sent);
      }
    }
  }

  private static String text(Random random, int most, int from, int to) {
    var text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append((char) (from + random.nextInt(to - from + 1)));
    }
    return text.toString();
  }

  @Test
  void theSteadyStateAllocatesNothing() {
    for (int i = 0; i < 10; i++) {
      request();
    }
    long before = HpackDecoderTest.allocated();
    for (int i = 0; i < 50_000; i++) {
      request();
    }
    assertThat(HpackDecoderTest.allocated() - before).isLessThan(50_000); // less than a byte each
  }

  private void request() {
    block.clear();
    encoder.encode(":method", "GET", false, block);
    encoder.encode(":scheme", "https", false, block);
    encoder.encode(":authority", "api.example.com", false, block);
    encoder.encode(":path", "/items?id=1234", false, block);
    encoder.encode("user-agent", "hawser/1.0", false, block);
    encoder.encode("accept", "application/json", false, block);
    encoder.encode("authorization", "Bearer 0123456789", false, block);
  }
}
