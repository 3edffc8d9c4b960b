package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the server's first records say of the group, whatever shape they come in. */
class GroupWitnessTest {
  private static final String SUITE_13 = "TLS_AES_128_GCM_SHA256";
  private static final String ECDHE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  private static final String DHE = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
  private static final String RANDOM = "5a".repeat(32);
  private static final String RETRY =
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
  private static final String VERSION_13 = "002b00020304";
  private static final byte[] CHANGE_CIPHER_SPEC = hex("140303000101");
  private static final byte[] ENCRYPTED = hex("1703030004deadbeef");
  private static final byte[] CERTIFICATE = message(11, new byte[3_000]);
  private static final byte[] DONE = message(14, new byte[0]);

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static byte[] join(byte[]... parts) {
    var joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  private static byte[] record(byte[] content) {
    return join(hex("160303%04x".formatted(content.length)), content);
  }

  private static byte[] message(int type, byte[] body) {
    return join(hex("%02x%06x".formatted(type, body.length)), body);
  }

  private static byte[] hello(String random, String extensions) {
    String tail = "1301" + "00" + "%04x".formatted(extensions.length() / 2) + extensions;
    return message(2, hex("0303" + random + "04" + "01020304" + tail));
  }

  private static String share(int group, int length) {
    return "0033%04x%04x%04x".formatted(4 + length, group, length) + "77".repeat(length);
  }

  private static byte[] hello13(int group) {
    return hello(RANDOM, VERSION_13 + share(group, 32));
  }

  private static byte[] retry(int group) {
    return hello(RETRY, "00330002%04x".formatted(group) + VERSION_13);
  }

  private static byte[] hello12() {
    return hello(RANDOM, "ff010001000017 0000".replace(" ", ""));
  }

  private static byte[] curve(int number) {
    return message(12, hex("03%04x20".formatted(number) + "99".repeat(100)));
  }

  /** In one piece, byte by byte, and in pieces of some sizes: always the same. */
  private static Optional<String> told(String suite, byte[]... records) {
    byte[] all = join(records);
    Optional<String> whole = told(suite, all, all.length);
    for (int size : new int[] {1, 2, 3, 7, 100}) {
      assertThat(told(suite, all, size)).as("in pieces of %d", size).isEqualTo(whole);
    }
    return whole;
  }

  private static Optional<String> told(String suite, byte[] all, int size) {
    var witness = new GroupWitness();
    for (int at = 0; at < all.length; at += size) {
      var piece = ByteBuffer.wrap(all, at, Math.min(size, all.length - at));
      int position = piece.position();
      witness.heard(piece);
      assertThat(piece.position()).as("left as it was").isEqualTo(position);
    }
    return witness.agreed(suite);
  }

  @Test
  void inTls13ItIsTheKeyShareOfTheServerHello() {
    assertThat(told(SUITE_13, record(hello13(0x1d)), CHANGE_CIPHER_SPEC, ENCRYPTED))
        .contains("x25519");
    assertThat(told(SUITE_13, record(hello(RANDOM, share(0x11ec, 1_120) + VERSION_13))))
        .contains("X25519MLKEM768");
    assertThat(told(SUITE_13, record(hello13(0x0100)))).contains("ffdhe2048");
    assertThat(told(SUITE_13, record(hello13(0x2a2a)))).as("no name here").contains("0x2a2a");
  }

  @Test
  void afterAHelloRetryRequestTheSecondOneCounts() {
    assertThat(told(SUITE_13, record(retry(0x17)), CHANGE_CIPHER_SPEC, record(hello13(0x18))))
        .contains("secp384r1");
    assertThat(told(SUITE_13, record(retry(0x19)), record(hello13(0x19)))).contains("secp521r1");
    assertThat(told(SUITE_13, record(retry(0x19)))).as("not yet").isEmpty();
    assertThat(told(SUITE_13, record(retry(0x19)), record(retry(0x19)), record(hello13(0x19))))
        .as("there is but one")
        .isEmpty();
    assertThat(told(ECDHE, record(retry(0x19)), record(hello12()), record(curve(0x17))))
        .as("of 1.3 alone")
        .isEmpty();
  }

  @Test
  void aSessionResumedWithoutAKeyShareHasNone() {
    assertThat(told(SUITE_13, record(hello(RANDOM, VERSION_13 + "002900020000")), ENCRYPTED))
        .isEmpty();
  }

  @Test
  void inTls12ItIsTheCurveOfTheServerKeyExchange() {
    byte[] status = message(22, new byte[500]);
    assertThat(told(ECDHE, record(join(hello12(), CERTIFICATE, status, curve(0x17), DONE))))
        .as("in one record")
        .contains("secp256r1");
    assertThat(
            told(ECDHE, record(hello12()), record(CERTIFICATE), record(curve(0x1d)), record(DONE)))
        .as("in a record each")
        .contains("x25519");
    assertThat(
            told(ECDHE, record(message(2, hex("0303" + RANDOM + "00c02b00"))), record(curve(29))))
        .as("a ServerHello without extensions")
        .contains("x25519");
  }

  @Test
  void messagesMayBeSpreadOverRecords() {
    byte[] messages = join(hello12(), CERTIFICATE, curve(0x18));
    for (int size : new int[] {1, 5, 64, 1_000}) {
      var records = new ByteArrayOutputStream();
      for (int at = 0; at < messages.length; at += size) {
        records.writeBytes(
            record(Arrays.copyOfRange(messages, at, Math.min(at + size, messages.length))));
      }
      assertThat(told(ECDHE, records.toByteArray())).contains("secp384r1");
    }
  }

  @Test
  void aGroupOfTls12ThatIsNoCurveHasNoName() {
    byte[] exchange = message(12, join(hex("0100"), new byte[256]));
    assertThat(told(DHE, record(hello12()), record(CERTIFICATE), record(exchange))).contains("DH");
    byte[] like = message(12, join(hex("0300ff"), new byte[767])); // 6144 bits, not curve 0x00ff
    assertThat(told(DHE, record(hello12()), record(CERTIFICATE), record(like))).contains("DH");
    byte[] explicit = message(12, hex("01001d20"));
    assertThat(told(ECDHE, record(hello12()), record(explicit))).isEmpty();
  }

  @Test
  void whereNoKeysAreAgreedThereIsNone() {
    assertThat(told(ECDHE, record(hello12()), CHANGE_CIPHER_SPEC, record(curve(0x17))))
        .as("a resumed session")
        .isEmpty();
    byte[] ticket = message(4, new byte[100]);
    assertThat(told(ECDHE, record(join(hello12(), ticket, curve(0x17))))).isEmpty();
    assertThat(told("TLS_RSA_WITH_AES_128_GCM_SHA256", record(join(hello12(), CERTIFICATE, DONE))))
        .isEmpty();
  }

  @Test
  void aWarningBeforeItIsPassedOver() {
    byte[] unrecognisedName = hex("15030300020170");
    assertThat(told(SUITE_13, unrecognisedName, record(hello13(0x17)))).contains("secp256r1");
    byte[] hello = hello13(0x17);
    assertThat(
            told(
                SUITE_13,
                record(Arrays.copyOf(hello, 20)),
                unrecognisedName,
                record(Arrays.copyOfRange(hello, 20, hello.length))))
        .as("not within a message (RFC 8446 5.1)")
        .isEmpty();
  }

  @Test
  void ofWhatIsNotSoundNothingIsSaid() {
    byte[] good = record(hello13(0x1d));
    for (byte[] before :
        new byte[][] {
          "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
          hex("1603030000"), // an empty record
          hex("1603034001"), // one that is too long
          hex("1602030004"), // no TLS
          hex("1803030003010000"), // a heartbeat
          CHANGE_CIPHER_SPEC,
          record(DONE),
          record(curve(0x17)),
          record(message(2, new byte[5_000])),
          record(message(2, new byte[0]))
        }) {
      assertThat(told(SUITE_13, before, good)).isEmpty();
    }
    assertThat(told(SUITE_13, record(hello(RANDOM, "002b00020305" + share(0x1d, 32)))))
        .as("a version that does not exist")
        .isEmpty();
    assertThat(told(SUITE_13, record(hello(RANDOM, VERSION_13 + share(0x1d, 32) + "00"))))
        .as("half an extension")
        .isEmpty();
    assertThat(told(SUITE_13, record(hello(RANDOM, VERSION_13 + "00330005001d000277"))))
        .as("a share longer than its extension")
        .isEmpty();
  }

  @Test
  void nothingThatAServerSendsIsTooMuchForIt() {
    var random = new Random(7);
    byte[][] shapes = {
      join(record(retry(0x17)), CHANGE_CIPHER_SPEC, record(hello13(0x17))),
      record(join(hello12(), message(11, new byte[40]), curve(0x17), DONE))
    };
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = shapes[i % 2].clone();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int size = 1 + random.nextInt(bytes.length);
      assertThatCode(() -> told(ECDHE, bytes, size))
          .as(HexFormat.of().formatHex(bytes))
          .doesNotThrowAnyException();
    }
  }
}
