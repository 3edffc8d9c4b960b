package dev.hawser.cli;

import dev.hawser.cli.Console.Style;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the command at work on a server of its own. */
@Command(
    name = "demo",
    description = "A short tour on a server of its own; ends by itself.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  hawser demo",
      "  hawser demo --serve --port 8080       and, in another terminal,",
      "  hawser get http://127.0.0.1:8080/ --repeat 5"
    })
final class Demo implements Callable<Integer> {
  private static final int LAST_PORT = 65_534;

  private final Console console;

  @Option(names = "--quick", description = "Leave out the load, which takes seconds.")
  private boolean quick;

  @Option(names = "--serve", description = "No tour: keep the servers running until Ctrl-C.")
  private boolean serve;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Port for http; https gets the next one. Default: free ones.")
  private int port;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Demo(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (port < 0 || port > LAST_PORT) {
      throw new UsageException("--port is " + port + "; it must be from 1 to " + LAST_PORT);
    }
    try (DemoServers servers = start()) {
      if (serve) {
        tellUrls(servers);
        new CountDownLatch(1).await();
      }
      var tour = new Tour(console, servers, quick);
      if (json) {
        return tour.runAsJson() ? Main.OK : Main.FAILED;
      }
      boolean well = tour.run();
      console.line("To try these on your own: hawser demo --serve --port 8080");
      return well ? Main.OK : Main.FAILED;
    }
  }

  private DemoServers start() throws IOException {
    try {
      return DemoServers.start(port);
    } catch (IOException e) {
      throw port == 0
          ? e
          : new IOException(
              "cannot serve on ports %d and %d: %s".formatted(port, port + 1, e.getMessage()), e);
    }
  }

  private void tellUrls(DemoServers servers) {
    if (json) {
      console.line(
          Json.lines(
              Json.object(
                  "http", servers.http("/"),
                  "https", servers.https("/"),
                  "cacert", servers.authority().toString())));
    } else {
      console.line(console.paint(Style.BOLD, servers.http("/")));
      console.line(
          console.paint(Style.BOLD, servers.https("/")) + "   --cacert " + servers.authority());
      console.line("");
      console.line("Paths: /  /bytes/N  /chunked/N  /delay/MILLIS  /drip/N/MILLIS  /redirect/N");
      console.line("       /status/CODE  /echo  /upload  /headers  /cookies  /trailers  /close");
      console.line("Ctrl-C ends it.");
    }
    console.flush();
  }
}
