package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that servers have made smaller, decoded on the way, and those that are no such bodies. */
@Timeout(60)
class DecompressionTest extends WithClient {
  private static final String TEXT = "All work and no play. ".repeat(5_000);

  /** The text, and 16 MiB of zeros, by libbrotlienc 1.0.9. */
  private static final String TEXT_BR =
      "5bafad81df385d70375f27a906610b72596e6fa98928976509372cd4cbf7a8a94a0306";

  private static final String BOMB_BR = "cbffff3ff82700e2b14020f7fe2ffffffff04f00c4611180eefd1f";

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().decompression(d -> d.enabled(true));
  }

  private interface Wrapper {
    OutputStream around(OutputStream out) throws IOException;
  }

  private static byte[] wrapped(byte[] bytes, Wrapper wrapper) throws IOException {
    var wrapped = new ByteArrayOutputStream();
    try (OutputStream out = wrapper.around(wrapped)) {
      out.write(bytes);
    }
    return wrapped.toByteArray();
  }

  private static byte[] encoded(String coding, byte[] bytes) throws IOException {
    return switch (coding) {
      case "gzip", "x-gzip", "GZip" -> wrapped(bytes, GZIPOutputStream::new);
      case "deflate" -> wrapped(bytes, DeflaterOutputStream::new);
      case "raw" -> wrapped(bytes, out -> new DeflaterOutputStream(out, new Deflater(9, true)));
      case "br" -> HexFormat.of().parseHex(bytes.length < 1_000_000 ? TEXT_BR : BOMB_BR);
      case "zstd" -> wrapped(bytes, ZstdOutputStream::new);
      default -> throw new IllegalArgumentException(coding);
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private FaultServer answering(String coding, byte[] body) throws IOException {
    return server(
        Script.keepAlive(
            peer -> {
              peer.send(
                  "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\nETag: \"x\"\r\n\r\n"
                      .formatted(coding, body.length));
              peer.send(body);
            }));
  }

  @ParameterizedTest
  @CsvSource({
    "gzip,gzip",
    "x-gzip,gzip",
    "GZip,gzip",
    "deflate,deflate",
    "deflate,raw",
    "br,br",
    "zstd,zstd"
  })
  void aBodyIsDecodedAndItsHeadersSaySo(String named, String coding) throws Exception {
    FaultServer server = answering(named, encoded(coding, utf8(TEXT)));

    HawserResponse<String> response = get(server);

    assertThat(response.body()).isEqualTo(TEXT);
    assertThat(response.headers().map()).containsOnlyKeys("ETag");
    assertThat(server.requests().getFirst().header("accept-encoding"))
        .containsExactly("gzip, deflate, br, zstd");
    get(server);
    assertThat(server.connections()).isEqualTo(1);
    assertThat(witness.all(ExchangeEvent.Completed.class).getLast().bodyBytes())
        .isEqualTo(TEXT.length());
  }

  @Test
  void twoCodingsAreUndoneAndThreeAreNot() throws Exception {
    byte[] twice = encoded("deflate", encoded("gzip", utf8(TEXT)));

    assertThat(get(answering("gzip, deflate", twice)).body()).isEqualTo(TEXT);

    HawserResponse<String> thrice = get(answering("gzip, gzip, gzip", utf8("as it is")));
    assertThat(thrice.body()).isEqualTo("as it is");
    assertThat(thrice.headers().firstValue("content-encoding")).hasValue("gzip, gzip, gzip");
  }

  @Test
  void gzipInSeveralMembers() throws Exception {
    byte[] one = encoded("gzip", utf8("one "));
    byte[] two = encoded("gzip", utf8("two"));
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);

    assertThat(get(answering("gzip", both)).body()).isEqualTo("one two");
  }

  @Test
  void whatIsNotForUsIsLeftAlone() throws Exception {
    byte[] body = encoded("gzip", utf8("small"));
    FaultServer server = answering("gzip", body);

    for (String[] header :
        List.of(new String[] {"Accept-Encoding", "gzip"}, new String[] {"Range", "bytes=0-"})) {
      var response =
          client.send(
              HttpRequest.newBuilder(server.uri("/")).headers(header).build(),
              BodyHandlers.ofByteArray());
      assertThat(response.body()).isEqualTo(body);
      assertThat(response.headers().firstValue("content-encoding")).hasValue("gzip");
    }
    try (HawserClient without = Hawser.newHttpClient()) {
      var request = HttpRequest.newBuilder(server.uri("/")).build();
      assertThat(without.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo(body);
    }
    assertThat(server.requests().getLast().header("accept-encoding")).isEmpty();
    assertThat(get(answering("unheard-of", utf8("hm"))).body()).isEqualTo("hm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD 200", "GET 304", "GET 204"})
  void aResponseWithoutABodyKeepsItsHeaders(String what) throws Exception {
    String[] each = what.split(" ", -1);
    FaultServer server =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 "
                            + each[1]
                            + " Fine\r\nContent-Encoding: gzip\r\n"
                            + (each[1].equals("204") ? "" : "Content-Length: 77\r\n")
                            + "\r\n")));

    HawserResponse<String> response =
        send(
            HttpRequest.newBuilder(server.uri("/"))
                .method(each[0], HttpRequest.BodyPublishers.noBody()));

    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValue("content-encoding")).hasValue("gzip");
  }

  @Test
  void anEmptyBodyIsEmpty() throws Exception {
    assertThat(get(answering("gzip", new byte[0])).body()).isEmpty();
    FaultServer chunked =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 200 OK\r\n"
                            + "Content-Encoding: gzip\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n"
                            + "0\r\n\r\n")));
    assertThat(get(chunked).body()).isEmpty();
  }

  @Test
  void aStreamIsDecodedAsItComes() throws Exception {
    var read = new CountDownLatch(1);
    var sent = new ByteArrayOutputStream();
    var gzip = new GZIPOutputStream(sent, true);
    gzip.write(utf8("first"));
    gzip.flush();
    byte[] first = sent.toByteArray();
    sent.reset();
    gzip.write(utf8(" second"));
    gzip.close();
    byte[] second = sent.toByteArray();
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
              peer.send(first);
              peer.await(read);
              peer.send(second);
            });

    var response =
        client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      assertThat(body.readNBytes(5)).isEqualTo(utf8("first"));
      read.countDown();
      assertThat(body.readAllBytes()).isEqualTo(utf8(" second"));
    }
  }

  // ---- what goes wrong (faults.md, row 15)

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "zstd", "gzip, gzip"})
  void aBombIsDefused(String coding) throws Exception {
    byte[] bomb = bomb(coding);

    assertThatThrownBy(() -> get(answering(coding, bomb)))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("decompression.maxRatio=200 times");
    assertThat(bomb).hasSizeLessThan(32 * 1024);
  }

  private static byte[] bomb(String coding) throws IOException {
    byte[] bomb = new byte[16 * 1024 * 1024];
    for (String each : coding.split(", ", -1)) {
      bomb = encoded(each, bomb);
    }
    return bomb;
  }

  @Test
  void aBodyHasALargestSize() throws Exception {
    try (HawserClient frugal =
        Hawser.newBuilder()
            .decompression(d -> d.enabled(true).maxBytes(TEXT.length() - 1))
            .build()) {
      var request = HttpRequest.newBuilder(answering("gzip", encoded("gzip", utf8(TEXT))).uri("/"));
      assertThatThrownBy(() -> frugal.send(request.build(), BodyHandlers.ofString()))
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("decompression.maxBytes=" + (TEXT.length() - 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void aTruncatedBodyIsNoBody(String coding) throws Exception {
    byte[] whole = encoded(coding, utf8(TEXT));
    for (int length : new int[] {1, 5, whole.length / 2, whole.length - 1}) {
      assertThatThrownBy(() -> get(answering(coding, Arrays.copyOf(whole, length))))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("Content-Encoding");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void nonsenseIsNoBody(String coding) throws Exception {
    assertThatThrownBy(() -> get(answering(coding, utf8("\u0007certainly not what it says it is"))))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("Content-Encoding");
  }

  @Test
  void aBodyCutByTheConnectionSaysThat() throws Exception {
    byte[] whole = encoded("gzip", utf8(TEXT));
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                      .formatted(whole.length));
              peer.send(Arrays.copyOf(whole, whole.length / 2));
            });

    assertThatThrownBy(() -> get(server))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("closed after");
  }

  @Test
  void aClosedStreamFreesItsConnection() throws Exception {
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
              peer.send(Arrays.copyOf(encoded("gzip", utf8(TEXT)), 100));
              peer.clientCloses(PATIENCE);
            });
    client
        .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofInputStream())
        .body()
        .close();

    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }
}
