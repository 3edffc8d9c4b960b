package dev.hawser.cli;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the command at work on a server of its own. */
@Command(
    name = "demo",
    description = "Shows what this command does, on a server of its own.",
    mixinStandardHelpOptions = true)
final class Demo implements Callable<Integer> {
  private final Console console;

  @Option(names = "--serve", description = "Only run the server, until Ctrl-C.")
  private boolean serve;

  @Option(names = "--port", paramLabel = "P", description = "The server's port; default: a free one.")
  private int port;

  Demo(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    try (FaultServer server = DemoServer.start(port)) {
      if (serve) {
        console.out().println("serving " + server.uri("/") + "  (also /slow, /redirect, /bytes, /drip); Ctrl-C ends it");
        console.flush();
        new CountDownLatch(1).await();
      }
      return tour(server);
    }
  }

  private int tour(FaultServer server) throws Exception {
    int worst = 0;
    worst = Math.max(worst, get("The second request reuses the connection: no dns, no connect.", server.uri("/"), 2, false, ""));
    worst = Math.max(worst, get("A slow server shows as time to the first byte …", server.uri("/slow"), 1, false, ""));
    worst = Math.max(worst, get("… and a slow body as such.", server.uri("/drip"), 1, false, ""));
    worst = Math.max(worst, get("A redirect, followed.", server.uri("/redirect"), 1, true, " --location"));
    headline("Errors are one line: what, where, how long, and what to do.", "get " + server.uri("/garbage"));
    int failed = new Get(console, ConnectionOptions.of(server.uri("/garbage"), null), 1, false).call();
    console.out().println();
    headline("Load, for two seconds.", "bench " + server.uri("/") + " -c 16 -d 2s");
    worst =
        Math.max(
            worst,
            new Bench(
                    console,
                    ConnectionOptions.of(server.uri("/"), null),
                    16,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1))
                .call());
    console.out().println();
    console.out().println("Now yours: hawser get URL, hawser bench URL -c 64 -d 10s, hawser --help");
    return failed == 1 ? worst : 1;
  }

  private int get(String what, URI uri, int repeat, boolean location, String options) throws Exception {
    headline(what, "get " + uri + (repeat > 1 ? " --repeat " + repeat : "") + options);
    return new Get(console, ConnectionOptions.of(uri, null), repeat, location).call();
  }

  private void headline(String what, String command) {
    console.out().println("# " + what);
    console.out().println("$ hawser " + command);
    console.flush();
  }

  /** The server of the demonstration. */
  private static final class DemoServer {
    private static final String PAGE = "Hello from the demonstration's server.\n";

    private DemoServer() {}

    static FaultServer start(int port) throws IOException {
      return FaultServer.start(
          new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), port),
          peer -> {
            while (true) {
              answer(peer, peer.readRequest().target());
            }
          });
    }

    private static void answer(Peer peer, String target) throws IOException {
      switch (target) {
        case "/slow" -> {
          pause(300);
          ok(peer, "text/plain", PAGE);
        }
        case "/drip" -> {
          peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
          for (char c : "drip\n".toCharArray()) {
            pause(60);
            peer.send(String.valueOf(c));
          }
        }
        case "/redirect" -> peer.send("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
        case "/bytes" -> ok(peer, "application/octet-stream", "x".repeat(1_000_000));
        case "/garbage" -> {
          peer.send("SSH-2.0-OpenSSH_9.6\r\n");
          peer.close();
        }
        default -> ok(peer, "text/plain", PAGE);
      }
    }

    private static void ok(Peer peer, String type, @Nullable String body) throws IOException {
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + (body == null ? 0 : body.length()) + "\r\n\r\n" + body);
    }

    private static void pause(long millis) throws IOException {
      try {
        TimeUnit.MILLISECONDS.sleep(millis);
      } catch (InterruptedException e) {
        throw new IOException("closing", e);
      }
    }
  }
}
