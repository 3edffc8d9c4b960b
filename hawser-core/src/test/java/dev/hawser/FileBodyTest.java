package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that the kernel sends from a file. */
@Tag("tls")
@Tag("one-carrier")
@Timeout(60)
class FileBodyTest extends WithClient {
  private static final int BIG = 20_000_000; // more than two socket buffers hold

  private final TestAuthority authority = TestAuthority.create();
  @TempDir Path folder;
  private Path file;

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().sslContext(OwnContext.trusting(authority));
  }

  @BeforeEach
  void makeFile() throws IOException {
    file = folder.resolve("body");
    fill(BIG);
  }

  private byte[] fill(int size) throws IOException {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Files.write(file, content);
    return content;
  }

  private HttpRequest.Builder put(FaultServer server) throws IOException {
    return HttpRequest.newBuilder(server.uri("/")).PUT(FileBody.of(file));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileOfAnySizeComesWhole(boolean secure) throws Exception {
    var builder = OriginServer.builder();
    try (var origin =
        (secure ? builder.tls(Tls.of(authority.localhost().serverContext())) : builder).start()) {
      for (int size : new int[] {0, 1, 16_384, 16_385, 131_072, 3_000_000}) {
        byte[] content = fill(size);
        HttpRequest echo =
            HttpRequest.newBuilder(origin.uri("/echo")).POST(FileBody.of(file)).build();
        assertThat(client.send(echo, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
      }
    }
  }

  @Test
  void otherClientsTakeItForAnOrdinaryPublisher() throws Exception {
    byte[] content = fill(100_000);
    try (var origin = OriginServer.builder().start();
        var jdk = HttpClient.newHttpClient()) {
      HttpRequest echo =
          HttpRequest.newBuilder(origin.uri("/echo")).POST(FileBody.of(file)).build();
      assertThat(jdk.send(echo, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
    }
  }

  @Test
  void aFileThatIsNotThereIsSaidAtOnce() {
    assertThatThrownBy(() -> FileBody.of(folder.resolve("none")))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aFileThatGoesMeanwhileFailsTheRequest() throws Exception {
    var server = server(Peer::stall);
    HttpRequest.Builder request = put(server);
    Files.delete(file);

    assertThatThrownBy(() -> send(request))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot read " + file);
  }

  @Test
  void aFileThatBecomesShorterFailsTheRequest() throws Exception {
    var server =
        server(
            peer -> {
              peer.readHead();
              try (var open = FileChannel.open(file, StandardOpenOption.WRITE)) {
                open.truncate(1_000); // the socket's buffers do not take all of it: there is a rest
              }
              peer.readExactly(BIG);
            });

    assertThatThrownBy(() -> send(put(server)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("had " + BIG);
  }

  @Test
  void aRefusalStopsIt() throws Exception {
    var server =
        server(
            peer -> {
              peer.readHead();
              peer.readExactly(100_000);
              peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
              assertThat(peer.clientCloses(PATIENCE)).isTrue();
            });

    HawserResponse<String> response = send(put(server));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).isEqualTo("big");
  }

  @Test
  void itIsSentAgainWholeWhenTheConnectionTurnsOutToBeClosed() throws Exception {
    byte[] content = fill(50_000);
    var server =
        server(
            peer -> {
              peer.readRequest();
              peer.ok("fine");
              peer.readHead();
              peer.close();
            },
            peer -> {
              assertThat(peer.readRequest().body()).isEqualTo(content);
              peer.ok("whole");
            });
    get(server);

    assertThat(send(put(server)).body()).isEqualTo("whole");
    assertThat(server.connections()).isEqualTo(2);
  }

  private FaultServer deaf(CountDownLatch stalled) throws IOException {
    return server(
        FaultServer.builder().receiveBuffer(4096),
        peer -> {
          peer.readHead();
          stalled.countDown();
          peer.stall();
        });
  }

  @Test
  void serversThatDoNotReadHoldUpNobodyElse() throws Exception {
    var stalled = new CountDownLatch(8);
    var deaf = deaf(stalled);
    var uploads = new ArrayList<Future<Throwable>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var origin = OriginServer.builder().start()) {
      for (int i = 0; i < 8; i++) {
        HttpRequest.Builder request = put(deaf);
        uploads.add(threads.submit(() -> catchThrowable(() -> send(request))));
      }
      stalled.await();
      HttpRequest request = HttpRequest.newBuilder(origin.uri("/")).build();
      for (int i = 0; i < 10; i++) {
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      }
      assertThat(uploads).as("those still hang").noneMatch(Future::isDone);
      threads.shutdownNow();
    }
    for (Future<Throwable> upload : uploads) {
      assertThat(upload.get()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aServerThatDoesNotReadEndsAtTheDeadline() throws Exception {
    var request = put(deaf(new CountDownLatch(1))).timeout(Duration.ofMillis(500));

    assertThatThrownBy(() -> send(request)).isInstanceOf(ExchangeTimeoutException.class);
  }
}
