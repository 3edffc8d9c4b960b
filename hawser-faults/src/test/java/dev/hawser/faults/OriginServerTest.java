package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginServerTest {
  private static OriginServer origin;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    origin = OriginServer.start();
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NORMAL)
            .cookieHandler(new CookieManager())
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    origin.close();
  }

  @Test
  void aSmallAnswerHas64BytesAndKeepsTheConnection() throws Exception {
    long before = origin.connections();
    for (int i = 0; i < 10; i++) {
      assertThat(get("/").body()).hasSize(64);
    }
    assertThat(origin.connections()).isBetween(before, before + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bytes/", "/chunked/"})
  void sendsLetters(String path) throws Exception {
    for (int count : new int[] {0, 1, 8191, 8192, 8193, 16_384, 65_520, 65_521, 1_000_003}) {
      String letters = "abcdefghijklmnopqrstuvwxyz".repeat(count / 26 + 1).substring(0, count);
      assertThat(get(path + count).body()).isEqualTo(letters);
    }
  }

  @Test
  void echoesEitherKindOfBody() throws Exception {
    for (int count : new int[] {0, 5, 8192, 300_000}) {
      String text = "x".repeat(count);
      var plain = post("/echo", BodyPublishers.ofString(text));
      assertThat(plain.body()).isEqualTo(text);
      assertThat(plain.headers().firstValue("content-type")).hasValue("text/x-test");
      var chunked =
          post("/echo", BodyPublishers.fromPublisher(BodyPublishers.ofString("y" + text)));
      assertThat(chunked.body()).isEqualTo("y" + text);
      assertThat(chunked.headers().firstValue("transfer-encoding")).hasValue("chunked");
    }
    assertThat(post("/upload", BodyPublishers.ofByteArray(new byte[2_000_000])).body())
        .isEqualTo("2000000\n");
  }

  @Test
  void countsItsConnectionsAndRequests() throws Exception {
    try (var counted = OriginServer.start()) {
      HttpRequest counts = HttpRequest.newBuilder(counted.uri("/counts")).build();
      HttpRequest small = HttpRequest.newBuilder(counted.uri("/")).build();
      client.send(small, BodyHandlers.discarding());

      String body = client.send(counts, BodyHandlers.ofString()).body();

      assertThat(body).contains("accepts handled requests\n 1 1 2 ");
    }
  }

  @Test
  void redirectsAndSetsCookies() throws Exception {
    assertThat(get("/redirect/3").body()).hasSize(64);
    assertThat(get("/redirect-to?url=%2Fstatus%2F418&code=307").statusCode()).isEqualTo(418);
    get("/cookies/set?a=1&b=2");
    assertThat(get("/cookies").body()).contains("a=1", "b=2");
  }

  @Test
  void answersTheRest() throws Exception {
    assertThat(get("/delay/5").body()).isEqualTo("after 5 ms\n");
    assertThat(get("/drip/3/1").body()).isEqualTo("abc");
    assertThat(get("/headers").body()).contains("User-Agent: ");
    assertThat(get("/trailers").body()).isEqualTo("trailers follow\n");
    assertThat(get("/close").headers().firstValue("connection")).hasValue("close");
    assertThat(get("/status/204").body()).isEmpty();
    assertThat(get("/bytes/-1").statusCode()).isEqualTo(400);
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void answersBeforeTheBodyIsRead() throws Exception {
    var request = new StringBuilder("POST /early/413 HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n");
    assertThat(exchange(request.append("only a part").toString()))
        .startsWith("HTTP/1.1 413 ")
        .contains("Connection: close");
  }

  @Test
  void continuesWhenAsked() throws Exception {
    String head = "POST %s HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    assertThat(exchange(head.formatted("/status/401"))).startsWith("HTTP/1.1 401 ");
    assertThat(exchange(head.formatted("/upload") + "ab"))
        .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
        .endsWith("2\n");
  }

  @Test
  void refusesWhatIsNoRequest() throws Exception {
    for (String bad :
        List.of(
            "GARBAGE\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "POST /upload HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")) {
      assertThat(exchange(bad)).as(bad).contains("HTTP/1.1 400 ");
    }
    assertThat(exchange("GET / HTTP/1.1\r\nX: " + "x".repeat(100_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void answersPipelinedRequestsAndHead() throws Exception {
    var requests = new StringBuilder("GET /status/201 HTTP/1.1\r\n\r\n");
    requests.append("HEAD /bytes/9 HTTP/1.1\r\n\r\n").append("GET /x HTTP/1.0\r\n\r\n");
    String answers = exchange(requests.toString());
    assertThat(answers)
        .startsWith("HTTP/1.1 201 ")
        .contains("Content-Length: 9\r\n\r\nHTTP/1.1 404 ");
  }

  @Test
  void closesIdleConnectionsAndSaysSo() throws Exception {
    try (var server =
            OriginServer.builder()
                .idleTimeout(Duration.ofMillis(1200))
                .announceIdleTimeout()
                .start();
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      FaultServerTest.send(socket, "GET / HTTP/1.1\r\n\r\n");
      assertThat(FaultServerTest.readAll(socket)).contains("Keep-Alive: timeout=1\r\n");
    }
  }

  @Test
  void speaksTls() throws Exception {
    var authority = TestAuthority.create();
    try (var server = OriginServer.builder().tls(authority.localhost().serverContext()).start();
        var secure = HttpClient.newBuilder().sslContext(authority.clientContext()).build()) {
      var response =
          secure.send(
              HttpRequest.newBuilder(server.uri("/bytes/100000")).build(), BodyHandlers.ofString());
      assertThat(response.body()).hasSize(100_000);
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(origin.uri(path)).build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, BodyPublisher body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(origin.uri(path))
            .header("Content-Type", "text/x-test")
            .POST(body)
            .build(),
        BodyHandlers.ofString());
  }

  /** Sends this, and reads to the end of the connection. */
  private static String exchange(String text) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), origin.port())) {
      socket.setSoTimeout(10_000);
      FaultServerTest.send(socket, text);
      socket.shutdownOutput();
      return FaultServerTest.readAll(socket);
    }
  }
}
