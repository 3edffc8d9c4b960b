package dev.hawser.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.Http1Options;
import dev.hawser.wire.MalformedResponseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a response's head, and what is not. In the texts, {@code ~} stands for CRLF. */
class HeadParserTest {
  private final Http1Options limits = Http1Options.DEFAULTS;

  private ResponseHead parse(String text) throws MalformedResponseException {
    byte[] bytes = text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    return new HeadParser(limits).parse(bytes, 0, bytes.length);
  }

  @Test
  void readsStatusAndFields() throws Exception {
    ResponseHead head = parse("HTTP/1.1 404 Not Found~Content-Length: 5~X-A:  b c  ~x-a: d~~");

    assertThat(head.statusCode()).isEqualTo(404);
    assertThat(head.contentLength()).isEqualTo(5);
    assertThat(head.headers().allValues("X-A")).containsExactly("b c", "d");
    assertThat(head.persistent()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200~~", // no reason phrase, not even its space
        "HTTP/1.1 200 ~~",
        "HTTP/1.1 200 OK\n\n", // bare LF (RFC 9112 2.2)
        "HTTP/1.0 200 OK~A: b\n~",
        "HTTP/1.1 999 Odd~~",
        "HTTP/1.1 200 caf\u00e9 \u00ff~~",
        "HTTP/1.1 200 OK~Empty:~~",
        "HTTP/1.1 200 OK~Keep-Alive: timeout=abc, max~~",
        "HTTP/1.1 200 OK~Connection: ,,~~",
      })
  void accepts(String text) throws Exception {
    assertThat(parse(text)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SSH-2.0-OpenSSH_9.6~            | SSH server",
        "220 mail ESMTP ready~           | FTP or SMTP",
        "<html>hello</html>              | HTTP/0.9",
        "HTTP/2.0 200 OK~~               | another version",
        "HTTP/1.1 99 Low~~               | status line",
        "HTTP/1.1 1000 High~~            | status line",
        "HTTP/1.1 2 0 Odd~~              | status line",
        "HTTP/1.1  200 OK~~              | status line",
        "HTTP/1.x 200 OK~~               | status line",
        "http/1.1 200 OK~~               | status line",
        "-ERR unknown command~           | Redis",
        "HTTP/1.1 200 OK~ A: b~~         | white space before the first header",
        "HTTP/1.1 200 OK~A : b~~         | before the colon",
        "HTTP/1.1 200 OK~no colon~~      | before the colon",
        "HTTP/1.1 200 OK~nocolon~~       | without a colon",
        "HTTP/1.1 200 OK~: b~~           | without a name",
        "HTTP/1.1 200 OK~A(b): c~~       | no header name has",
        "HTTP/1.1 200 OK~Content-Length: 5~Content-Length: 6~~ | different values",
        "HTTP/1.1 200 OK~Content-Length: 5, 6~~  | different values",
        "HTTP/1.1 200 OK~Content-Length: -1~~    | not one number",
        "HTTP/1.1 200 OK~Content-Length: +5~~    | not one number",
        "HTTP/1.1 200 OK~Content-Length: 0x5~~   | not one number",
        "HTTP/1.1 200 OK~Content-Length: 5 5~~   | not one number",
        "HTTP/1.1 200 OK~Content-Length: 5,~~    | twice",
        "HTTP/1.1 200 OK~Content-Length:~~       | not one number",
        "HTTP/1.1 200 OK~Content-Length: 9223372036854775808~~ | not one number",
        "HTTP/1.1 200 OK~Content-Length: 5~Transfer-Encoding: chunked~~ | both",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~Content-Length: 5~~ | both",
        "HTTP/1.1 200 OK~Transfer-Encoding: xchunked~~        | unknown",
        "HTTP/1.1 200 OK~Transfer-Encoding: gzip, chunked~~   | did not ask",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked, chunked~~ | twice",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~ | twice",
        "HTTP/1.1 200 OK~Transfer-Encoding:~~                 | empty",
      })
  void rejects(String text, String reason) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(MalformedResponseException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 O\0K~~",
        "HTTP/1.1 200 OK~A: b\0c~~",
        "HTTP/1.1 200 OK~A: b\rc~~",
        "HTTP/1.1 200 O\rK~~",
        "HTTP/1.1 200 OK~\rA: b~~"
      })
  void rejectsNulAndBareCr(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedResponseException.class);
  }

  @Test
  void readsTheSameLengthSeveralTimesAsOne() throws Exception {
    assertThat(parse("HTTP/1.1 200 OK~Content-Length: 5, 5~content-length: 5~~").contentLength())
        .isEqualTo(5);
  }

  @Test
  void unfoldsLines() throws Exception {
    ResponseHead head = parse("HTTP/1.1 200 OK~A: b~  c\n\td~Transfer-Encoding:~ chunked~~");

    assertThat(head.headers().firstValue("a").orElseThrow().split("\\s+"))
        .containsExactly("b", "c", "d");
    assertThat(head.transferCoding()).isEqualTo(ResponseHead.TransferCoding.CHUNKED);
  }

  @Test
  void keepsBytesAbove127() throws Exception {
    assertThat(parse("HTTP/1.1 200 OK~A: \u00e9\u00ff~~").headers().firstValue("A"))
        .contains("\u00e9\u00ff");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK~~                                   | true",
        "HTTP/1.1 200 OK~Connection: close~~                 | false",
        "HTTP/1.1 200 OK~Connection: Keep-Alive, Close~~     | false",
        "HTTP/1.0 200 OK~~                                   | false",
        "HTTP/1.0 200 OK~Connection: keep-alive~~            | true",
        "HTTP/1.0 200 OK~Connection: KEEP-Alive~~            | true",
        "HTTP/1.0 200 OK~Connection: keep-alivf~~            | false",
        "HTTP/1.0 200 OK~Connection: x, keep-alive~~         | true",
        "HTTP/1.1 200 OK~Connection: keep-alive~Connection: close~~ | false",
        "HTTP/1.1 200 OK~Connection: close~Connection: keep-alive~~ | false",
        "HTTP/1.0 200 OK~Connection: keep-alive~Transfer-Encoding: chunked~~ | false",
      })
  void knowsWhetherTheConnectionPersists(String text, boolean persistent) throws Exception {
    assertThat(parse(text).persistent()).isEqualTo(persistent);
  }

  @Test
  void readsTheServersIdleHint() throws Exception {
    assertThat(parse("HTTP/1.1 200 OK~Keep-Alive: timeout=5, max=100~~").keepAliveNanos())
        .isEqualTo(5_000_000_000L);
    assertThat(parse("HTTP/1.1 200 OK~Keep-Alive: timeout=99999999999~~").keepAliveNanos())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void holdsItsLimits() {
    String manyLines = "A: b\r\n".repeat(limits.maxHeaders() + 1);
    String longLine = "A: " + "b".repeat(limits.maxHeaderBytes());
    String longReason = "x".repeat(limits.maxStatusLine());

    assertThatThrownBy(() -> parse("HTTP/1.1 200 OK~" + manyLines))
        .hasMessageContaining("maxHeaders");
    assertThatThrownBy(() -> parse("HTTP/1.1 200 OK~" + longLine))
        .hasMessageContaining("maxHeaderBytes");
    assertThatThrownBy(() -> parse("HTTP/1.1 200 " + longReason))
        .hasMessageContaining("maxStatusLine");
  }

  /** Round trip of heads made from a seed, whole and cut anywhere. */
  @Test
  void readsWhatWasWrittenHoweverItIsCut() throws Exception {
    for (int seed = 0; seed < 2_000; seed++) {
      var random = new Random(seed);
      Head head = head(random);
      byte[] bytes = head.text().getBytes(StandardCharsets.ISO_8859_1);
      var parser = new HeadParser(limits);

      int cut = random.nextInt(bytes.length);
      assertThat(parser.parse(bytes.clone(), 0, cut)).as("seed %d", seed).isNull();

      ResponseHead parsed = parser.parse(bytes, 0, bytes.length);
      assertThat(parser.end()).as("seed %d", seed).isEqualTo(bytes.length);
      assertThat(parsed.statusCode()).as("seed %d", seed).isEqualTo(head.status());
      for (Field field : head.fields()) {
        assertThat(parsed.headers().allValues(field.name()))
            .as("seed %d", seed)
            .contains(field.value());
      }
      int written = parsed.headers().map().values().stream().mapToInt(List::size).sum();
      assertThat(written).as("seed %d", seed).isEqualTo(head.fields().size());
    }
  }

  record Field(String name, String value) {}

  record Head(int status, String reason, List<Field> fields) {
    String text() {
      var text = new StringBuilder("HTTP/1.1 " + status + " " + reason + "\r\n");
      fields.forEach(
          field -> text.append(field.name()).append(": ").append(field.value()).append("\r\n"));
      return text.append("\r\n").toString();
    }
  }

  private static Head head(Random random) {
    String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    String tokens = letters + "0123456789!#$%&'*+-.^_`|~";
    String visible = tokens + " \t\"(),/:;<=>?@[]{}\\" + "\u00a1\u00e9\u00ff";
    var fields = new ArrayList<Field>();
    for (int i = random.nextInt(13); i > 0; i--) {
      fields.add(new Field("x" + text(random, tokens, 20), "v" + text(random, visible, 40) + "v"));
    }
    return new Head(100 + random.nextInt(900), text(random, letters + " ", 20), fields);
  }

  private static String text(Random random, String alphabet, int most) {
    var text = new StringBuilder();
    for (int i = random.nextInt(most); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
