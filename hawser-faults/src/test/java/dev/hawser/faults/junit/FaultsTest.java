package dev.hawser.faults.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Tests that are run within a test: what becomes of them, and of their servers. */
class FaultsTest {
  private static final List<InetSocketAddress> SEEN = new ArrayList<>();

  private static Events run(Class<?> tests) {
    SEEN.clear();
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(tests))
        .configurationParameter("junit.jupiter.conditions.deactivate", "*")
        .execute()
        .testEvents();
  }

  private static Throwable failure(Events events) {
    return events.failed().stream()
        .map(event -> event.getPayload(org.junit.platform.engine.TestExecutionResult.class))
        .flatMap(result -> result.orElseThrow().getThrowable().stream())
        .findFirst()
        .orElseThrow();
  }

  private static List<String> suppressed(Throwable failure) {
    return Arrays.stream(failure.getSuppressed()).map(Throwable::toString).toList();
  }

  private static int status(URI uri) throws IOException {
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  private static void assertAllClosed() {
    assertThat(SEEN).isNotEmpty();
    for (InetSocketAddress address : SEEN) {
      assertThat(listens(address)).as("%s", address).isFalse();
    }
  }

  private static boolean listens(InetSocketAddress address) {
    try (var socket = new Socket()) {
      socket.connect(address, 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static class Failing {
    @RegisterExtension final Faults faults = new Faults();

    @Test
    void fails() throws Exception {
      FaultServer server = faults.server(Script.ok("hello"));
      OriginServer origin = faults.origin();
      SEEN.add(server.address());
      SEEN.add(origin.address());
      assertThat(status(server.uri("/shown"))).isEqualTo(404);
    }
  }

  @Test
  void aTestThatFailsShowsWhatWentOverTheWireAndLeavesNothing() {
    Events events = run(Failing.class);

    assertThat(suppressed(failure(events)))
        .anyMatch(text -> text.contains("GET /shown HTTP/1.1") && text.contains("hello"))
        .anyMatch(text -> text.contains("0 requests over 0 connections"));
    assertAllClosed();
  }

  static class Throwing {
    @RegisterExtension final Faults faults = new Faults();

    @Test
    void passes() throws Exception {
      FaultServer server = faults.server(peer -> scriptMeetsSomethingElse());
      SEEN.add(server.address());
      try (var socket = new Socket()) {
        socket.connect(server.address());
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }

    static void scriptMeetsSomethingElse() {
      throw new IllegalStateException("another request was expected");
    }
  }

  @Test
  void aScriptThatThrowsFailsTheTest() {
    Throwable failure = failure(run(Throwing.class));

    assertThat(failure).hasMessageContaining("what their scripts do not know");
    assertThat(suppressed(failure)).anyMatch(text -> text.contains("another request was expected"));
    assertAllClosed();
  }

  static class BreakingTheProtocol {
    @RegisterExtension final Faults faults = new Faults();

    @Test
    void passes() throws Exception {
      sayNonsense(faults.origin(OriginServer.builder().http2()));
    }
  }

  static class Lenient {
    @RegisterExtension final Faults faults = new Faults().lenient();

    @Test
    void passes() throws Exception {
      sayNonsense(faults.origin(OriginServer.builder().http2()));
    }
  }

  private static void sayNonsense(OriginServer origin) throws IOException {
    SEEN.add(origin.address());
    try (var socket = new Socket()) {
      socket.connect(origin.address());
      // HTTP/2's preface, and a DATA frame of no stream.
      String nonsense = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0".repeat(9);
      socket.getOutputStream().write(nonsense.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
  }

  @Test
  void aClientThatBreaksTheProtocolFailsTheTestUnlessThatIsTheTest() {
    assertThat(failure(run(BreakingTheProtocol.class)))
        .hasMessageContaining("what their scripts do not know");
    assertAllClosed();
    run(Lenient.class).assertStatistics(tests -> tests.succeeded(1).failed(0));
    assertAllClosed();
  }

  static class Shared {
    @RegisterExtension static final Faults FAULTS = new Faults();
    private static OriginServer origin;

    private static void call() throws IOException {
      if (origin == null) {
        origin = FAULTS.origin();
        SEEN.add(origin.address());
      }
      assertThat(status(origin.uri("/"))).isEqualTo(200);
    }

    @Test
    void one() throws Exception {
      call();
    }

    @Test
    void other() throws Exception {
      call();
    }
  }

  @Test
  void aStaticOneServesAllTestsOfTheClass() {
    run(Shared.class).assertStatistics(tests -> tests.succeeded(2).failed(0));
    assertThat(SEEN).hasSize(1);
    assertAllClosed();
  }

  static class Unclosable {
    @RegisterExtension final Faults faults = new Faults();

    @Test
    void passes() throws Exception {
      SEEN.add(faults.origin().address());
      AutoCloseable stubborn =
          faults.closing(
              () -> {
                throw new IOException("will not close");
              });
      assertThat(stubborn).isNotNull();
    }
  }

  @Test
  void whatCannotBeClosedKeepsNothingElseOpen() {
    assertThat(failure(run(Unclosable.class))).hasRootCauseMessage("will not close");
    assertAllClosed();
  }

  @Test
  void theDocumentationShowsTheExample() throws IOException {
    String example =
        Files.readString(Path.of("src/test/java/dev/hawser/faults/junit/ExampleTest.java"));
    String region =
        example
            .substring(example.indexOf("region=\"example\""), example.indexOf("  // @end"))
            .lines()
            .skip(1)
            .map(line -> line.isEmpty() ? line : line.substring(2))
            .collect(Collectors.joining("\n"))
            .strip();
    assertThat(Files.readString(Path.of("../docs/testing.md"))).contains(region);
  }
}
