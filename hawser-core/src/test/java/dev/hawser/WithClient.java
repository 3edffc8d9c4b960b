package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A client and servers for each story, and what every story ends with: nothing has leaked, no
 * script has failed, and the client, unless the story has shut it down, works.
 */
abstract class WithClient {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  final Witness witness = new Witness();
  HawserClient client;
  private final List<FaultServer> servers = new ArrayList<>();

  /** The client's options. */
  HawserClient.Builder options() {
    return Hawser.newBuilder();
  }

  @BeforeEach
  void openClient() {
    client = options().listener(witness).build();
  }

  @AfterEach
  void nothingIsLeakedAndTheClientWorks() throws Exception {
    try {
      assertThat(witness.await(this::atRest, PATIENCE))
          .as("at rest: %s", client.snapshot())
          .isTrue();
      if (!client.isTerminated()) {
        assertThat(get(server(Script.ok("fine"))).body()).isEqualTo("fine");
      }
      for (FaultServer server : servers) {
        assertThat(server.failures()).as(server.transcript()).isEmpty();
      }
      client.shutdown();
      assertThat(client.awaitTermination(PATIENCE)).as("every call has ended").isTrue();
      assertThat(witness.await(() -> client.snapshot().open() == 0, PATIENCE))
          .as("all closed: %s", client.snapshot())
          .isTrue();
      noBuffersAreHeld();
    } finally {
      client.shutdownNow();
      for (FaultServer server : servers) {
        server.close();
      }
    }
  }

  /** A closed connection gives them back a moment after it has been counted out. */
  final void noBuffersAreHeld() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (client.snapshot().bufferBytes() != 0 && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    assertThat(client.snapshot().bufferBytes()).isZero();
  }

  private boolean atRest() {
    ClientSnapshot snapshot = client.snapshot();
    return snapshot.leased() == 0 && snapshot.waiting() == 0;
  }

  /** A server that is looked at and closed when the story ends. */
  FaultServer server(Script... scripts) throws IOException {
    return server(FaultServer.builder(), scripts);
  }

  FaultServer server(FaultServer.Builder builder, Script... scripts) throws IOException {
    FaultServer server = builder.start(scripts);
    servers.add(server);
    return server;
  }

  HawserResponse<String> get(FaultServer server) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(server.uri("/")));
  }

  HawserResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
