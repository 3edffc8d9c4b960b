package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.TlsFailedException.Reason;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that goes wrong in each step of the handshake: after so many of its records. */
@Tag("tls")
@Timeout(60)
class HandshakeStepsTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestIdentity IDENTITY = ROOT.localhost();
  private static final int RECORD = 22; // of a handshake

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .sslContext(OwnContext.trusting(ROOT))
        .tls(t -> t.handshakeTimeout(PATIENCE));
  }

  /** What a server does when it should go on with the handshake. */
  private enum Wrong {
    ALERT {
      @Override
      void play(Peer peer) throws IOException {
        peer.send(new byte[] {21, 3, 3, 0, 2, 2, 80});
        peer.awaitClose(PATIENCE);
      }
    },
    GARBAGE {
      @Override
      void play(Peer peer) throws IOException {
        byte[] garbage = new byte[100];
        Arrays.fill(garbage, (byte) 0xee);
        peer.send(garbage);
        peer.awaitClose(PATIENCE);
      }
    },
    /** The right frame, and nothing in it that could be read. */
    GARBAGE_IN_A_RECORD {
      @Override
      void play(Peer peer) throws IOException {
        byte[] garbage = new byte[100];
        Arrays.fill(garbage, (byte) 0xee);
        System.arraycopy(new byte[] {RECORD, 3, 3, 0, 95}, 0, garbage, 0, 5);
        peer.send(garbage);
        peer.awaitClose(PATIENCE);
      }
    },
    /** More than 2^14 bytes and what encryption may add, of which not all come. */
    LARGE_RECORD {
      @Override
      void play(Peer peer) throws IOException {
        peer.send(largeRecord(RECORD));
        peer.awaitClose(PATIENCE);
      }
    },
    LARGEST_RECORD {
      @Override
      void play(Peer peer) throws IOException {
        peer.send(new byte[] {RECORD, 3, 3, -1, -1});
        peer.awaitClose(PATIENCE);
      }
    },
    CLOSE {
      @Override
      void play(Peer peer) throws IOException {
        peer.shutdownOutput();
        peer.awaitClose(PATIENCE);
      }
    },
    RESET {
      @Override
      void play(Peer peer) throws IOException {
        peer.reset();
      }
    };

    abstract void play(Peer peer) throws IOException;
  }

  /** 20,000 bytes it says, and 17,500 are there. */
  private static byte[] largeRecord(int type) {
    byte[] record = new byte[17_500];
    System.arraycopy(new byte[] {(byte) type, 3, 3, 20_000 >> 8, 20_000 & 0xff}, 0, record, 0, 5);
    return record;
  }

  /** In TLS 1.3 the third record has all the rest. */
  private static Stream<Arguments> steps() {
    return Stream.concat(
        Stream.of(0, 1, 2).map(records -> Arguments.of("TLSv1.3", records)),
        Stream.of(0, 1, 2, 3, 4).map(records -> Arguments.of("TLSv1.2", records)));
  }

  private static Stream<Arguments> wrongs() {
    return Stream.of(Wrong.values())
        .flatMap(wrong -> steps().map(step -> Arguments.of(wrong, step.get()[0], step.get()[1])));
  }

  private static URI secure(FaultServer server) {
    return URI.create("https://127.0.0.1:" + server.port() + "/");
  }

  private static Script good(String version) {
    return peer -> {
      peer.startTls(IDENTITY.tls().versions(version));
      peer.readRequest();
      peer.ok("mended");
    };
  }

  private static void answer(Peer peer, String version, int records) throws IOException {
    if (records == 0) {
      peer.readExactly(5); // the ClientHello has come
    } else {
      HalfHandshake.answer(peer, IDENTITY, version, records);
    }
  }

  @ParameterizedTest
  @MethodSource("wrongs")
  void itIsATlsFailureAtOnce(Wrong wrong, String version, int records) throws Exception {
    Script faulty =
        peer -> {
          answer(peer, version, records);
          wrong.play(peer);
        };
    FaultServer server = server(faulty, good(version));
    HttpRequest request = HttpRequest.newBuilder(secure(server)).build();

    Throwable thrown = catchThrowable(() -> client.send(request, BodyHandlers.ofString()));

    assertThat(thrown).isInstanceOf(TlsFailedException.class);
    var details = ((ExchangeFailure) thrown).details();
    assertThat(details.phase()).isEqualTo(Phase.TLS);
    assertThat(details.origin().port()).isEqualTo(server.port());
    assertThat(details.timeline().total()).isLessThan(PATIENCE);
    assertThat(details.advice()).isNotEmpty();
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(client.snapshot().open()).isZero();
    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("mended");
  }

  @ParameterizedTest
  @MethodSource("steps")
  void aStallEndsAtTheDeadline(String version, int records) throws Exception {
    FaultServer server =
        server(
            peer -> {
              answer(peer, version, records);
              peer.awaitClose(PATIENCE);
            },
            good(version));
    HttpRequest request = HttpRequest.newBuilder(secure(server)).build();
    Duration bound = Duration.ofMillis(500);
    try (HawserClient hasty = options().tls(t -> t.handshakeTimeout(bound)).build()) {
      var failure =
          catchThrowableOfType(
              ConnectTimeoutException.class, () -> hasty.send(request, BodyHandlers.ofString()));

      assertThat(failure).hasMessageContainingAll("the handshake did not end", "waiting for the ");
      assertThat(failure.details().phase()).isEqualTo(Phase.TLS);
      assertThat(failure.details().timeline().tls()).isBetween(bound.minusMillis(20), PATIENCE);
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(hasty.snapshot().open()).isZero();
    }
    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("mended");
  }

  // ---- once it is over

  @ParameterizedTest
  @CsvSource({"TLSv1.2,true", "TLSv1.3,true", "TLSv1.2,false", "TLSv1.3,false"})
  void aRecordThatNoneIsEndsTheConnection(String version, boolean large) throws Exception {
    byte[] record = large ? largeRecord(23) : new byte[] {23, 3, 3, 0, 30, 1, 2, 3};
    byte[] whole = large ? record : Arrays.copyOf(record, 35);
    FaultServer server =
        server(
            FaultServer.builder().tls(IDENTITY.tls().versions(version)),
            peer -> {
              peer.readRequest();
              peer.socket().getOutputStream().write(whole); // beside TLS
              peer.awaitClose(PATIENCE);
            },
            Script.ok("mended"));

    Throwable thrown = catchThrowable(() -> get(server));

    assertThat(thrown).isInstanceOf(ExchangeException.class);
    var details = ((ExchangeFailure) thrown).details();
    assertThat(details.origin().port()).isEqualTo(server.port());
    assertThat(details.timeline().total()).isLessThan(PATIENCE);
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(get(server).body()).isEqualTo("mended");
  }

  // ---- ALPN

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aProtocolThatNobodyOffered(String version) throws Exception {
    FaultServer server =
        server(
            FaultServer.builder().tls(IDENTITY.tls().versions(version).alpn("gopher")),
            Script.ok("never"));

    var failure = catchThrowableOfType(TlsFailedException.class, () -> get(server));

    assertThat(failure.reason()).isIn(Reason.NO_COMMON_PROTOCOL, Reason.OTHER);
    assertThat(failure.details().phase()).isEqualTo(Phase.TLS);
    assertThat(server.requests()).isEmpty();
  }
}
