package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hawser.ExchangeException;
import dev.hawser.ExchangeFailure;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.faults.KeyKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a server may do once the handshake is over: new keys, another handshake, an end without
 * notice. OpenSSL's server does what is typed, and what is no command it sends.
 */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class AfterTheHandshakeTest extends WithTlsServer {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\n";
  private static final String HANDSHAKE = "SSL_do_handshake -> 1";

  private RealServer openssl(String... options) throws Exception {
    write(identity(KeyKind.P256));
    return RealServer.typedOpenssl(dir, options);
  }

  private static <T> CompletableFuture<HttpResponse<T>> call(
      HawserClient client, RealServer server, HttpResponse.BodyHandler<T> handler)
      throws Exception {
    int before = count(server, "GET / HTTP/1.1");
    HttpRequest request =
        HttpRequest.newBuilder(server.secureUri("/")).timeout(PATIENCE.multipliedBy(3)).build();
    var call = client.sendAsync(request, handler);
    await(server, "GET / HTTP/1.1", before + 1);
    return call;
  }

  private static int count(RealServer server, String text) throws Exception {
    return server.output().split(Pattern.quote(text), -1).length - 1;
  }

  private static void await(RealServer server, String text, int count) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (count(server, text) < count) {
      assertThat(System.nanoTime()).as(server.output()).isLessThan(end);
      LockSupport.parkNanos(200_000);
    }
  }

  /** A command, and the client's answer to it. */
  private static void command(RealServer server, String letter) throws Exception {
    int before = count(server, HANDSHAKE);
    server.type(letter + "\n");
    await(server, HANDSHAKE, before + 1);
  }

  /** A handshake that is not over when the body is leaves a connection that nobody can use. */
  @ParameterizedTest
  @CsvSource({"-tls1_3,K,1", "-tls1_2,r,3", "-tls1_2,R,3"})
  void newKeysBeforeTheAnswerAndWithinIt(String version, String letter, long most)
      throws Exception {
    try (RealServer server = openssl(version)) {
      HawserClient client = client();
      // BoringSSL does another handshake only where no data is under way.
      assumeTrue(letter.equals("K") || isTheJdks(client));
      for (int i = 0; i < 3; i++) {
        var call = call(client, server, BodyHandlers.ofInputStream());
        command(server, letter);
        server.type(HEAD + "01234");
        try (InputStream body = call.get().body()) {
          reads(body, "01234");
          var rest = new FutureTask<>(body::readAllBytes);
          Thread.startVirtualThread(rest); // whoever reads the body does the handshake, too
          command(server, letter);
          server.type("56789");
          assertThat(rest.get()).asString(StandardCharsets.US_ASCII).isEqualTo("56789");
        }
      }
      assertThat(client.snapshot().counters().failures()).isZero();
      assertThat(client.snapshot().counters().opened()).isBetween(1L, most);
    }
  }

  /** OpenSSL sends data as a rule before the client has taken the handshake up. */
  @ParameterizedTest
  @ValueSource(strings = {"r", "R"})
  void anotherHandshakeAmongDataFailsAtOnceIfAtAllWithBoringSsl(String letter) throws Exception {
    HawserClient client = client();
    assumeFalse(isTheJdks(client));
    try (RealServer server = openssl("-tls1_2")) {
      var call = call(client, server, BodyHandlers.ofString());
      command(server, letter);
      server.type(HEAD + "0123456789");

      Throwable thrown = catchThrowable(call::get);
      if (thrown != null) {
        assertThat(thrown).cause().hasMessageContaining("renegotiation");
      }
    }
  }

  private static void reads(InputStream body, String text) throws Exception {
    assertThat(body.readNBytes(text.length())).asString(StandardCharsets.US_ASCII).isEqualTo(text);
  }

  /** With keys for nobody's sake, a peer could keep this side computing for as long as it likes. */
  @ParameterizedTest
  @CsvSource({"-tls1_3,K", "-tls1_2,r"})
  void newKeysAgainAndAgainEndTheConnection(String version, String letter) throws Exception {
    HawserClient client = client();
    int port;
    try (RealServer server = openssl(version)) {
      port = server.port();
      var call = call(client, server, BodyHandlers.ofString());
      for (int i = 0; i < 1000 && !call.isDone(); i++) {
        server.type(letter + "\n");
        int seen = i + 1;
        while (count(server, HANDSHAKE) < seen && !call.isDone()) {
          LockSupport.parkNanos(200_000);
        }
      }
      Throwable thrown = catchThrowable(call::get);

      assertThat(thrown).isInstanceOf(ExecutionException.class);
      assertThat(thrown.getCause())
          .isInstanceOf(IOException.class)
          .message()
          .containsAnyOf("TLS records without data", "too many key updates", "renegotiation");
      assertThat(((ExchangeFailure) thrown.getCause()).details().origin().port()).isEqualTo(port);
    }
    try (RealServer server = RealServer.openssl(dir, port)) { // in TLS 1.2 the first one gives up
      assertThat(get(client, server.secureUri("/")).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void whatIsNoRecordEndsTheConnection(String version) throws Exception {
    try (RealServer server = openssl(version)) {
      HawserClient client = client();
      var call = call(client, server, BodyHandlers.ofString());
      server.type("P\n"); // some clear text

      assertThat(catchThrowable(call::get)).cause().isInstanceOf(ExchangeException.class);

      answers(client, server);
    }
  }

  /** The next call. */
  private static void answers(HawserClient client, RealServer server) throws Exception {
    var next = call(client, server, BodyHandlers.ofString());
    server.type(HEAD + "0123456789");
    assertThat(next.get().body()).isEqualTo("0123456789");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aBodyUntilTheCloseIsCutWithoutIt(String version) throws Exception {
    try (RealServer server = openssl(version)) {
      InputStream body = begun(client(), server);

      server.kill();

      assertThat(catchThrowable(body::readAllBytes))
          .cause()
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("cut after 5 bytes");
    }
  }

  /** A body that ends with the connection, of which five bytes have come. */
  private static InputStream begun(HawserClient client, RealServer server) throws Exception {
    var call = call(client, server, BodyHandlers.ofInputStream());
    server.type(UNTIL_CLOSE + "hello");
    InputStream body = call.get().body();
    reads(body, "hello");
    return body;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aBodyOfKnownLengthNeedsNone(String version) throws Exception {
    try (RealServer server = openssl(version)) {
      HawserClient client = client();
      var call = call(client, server, BodyHandlers.ofString());
      server.type(HEAD + "0123456789");
      var response = (HawserResponse<String>) call.get();
      server.kill();
      assertThat(response.body()).isEqualTo("0123456789");
    }
  }

  @Test
  void anIdleConnectionThatIsCutIsReplaced() throws Exception {
    int port;
    HawserClient client = client();
    try (RealServer server = openssl()) {
      port = server.port();
      answers(client, server);
      server.kill();
    }
    try (RealServer server = RealServer.openssl(dir, port)) {
      assertThat(get(client, server.secureUri("/")).statusCode()).isEqualTo(200);
    }
  }
}
