package dev.hawser.cli;

import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends requests and draws where their time went. */
@Command(
    name = "get",
    description = "Sends a request and draws where its time went.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "D is a duration such as 250ms, 1s, 2m. A response of any status is a success.",
      "Examples:",
      "  hawser get http://localhost:8080/ --repeat 5 --interval 1s",
      "  hawser get https://localhost:8443/ --cacert ca.pem",
      "  hawser get https://example.org/ --resolve example.org:443:127.0.0.1 --insecure",
      "  hawser get http://localhost:8080/items --data '{\"n\":1}' -H 'Content-Type:"
          + " application/json'",
      "  hawser get http://localhost:8080/items --body | jq ."
    })
final class Get implements Callable<Integer> {
  private final Console console;

  @Mixin private RequestOptions what = new RequestOptions();

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description = "Send it N times, one after the other, by the same client; default 1.")
  private int repeat = 1;

  @Option(names = "--interval", paramLabel = "D", description = "Pause between repeats.")
  private Duration interval = Duration.ZERO;

  @Mixin private ConnectionOptions how = new ConnectionOptions();

  @Option(
      names = {"-i", "--include"},
      description = "Show the response's headers.")
  private boolean include;

  @Option(
      names = "--body",
      description = "The body, and nothing else, to standard output; the report to standard error.")
  private boolean wholeBody;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the body to this file.")
  private @Nullable Path output;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Get(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    HttpRequest request = what.request();
    WarmUp.run(request.uri().getScheme(), how.tlsProvider());
    var notes = new ConnectionNotes();
    var options = new ExchangeText.Options(include, how.follows(), how.debug());
    Console reportTo = wholeBody ? console.reportToErr() : console;
    HawserClient.Builder builder = how.client(console, request.uri(), what.timeout());
    try (var _ = OnInterrupt.ofThisThread(console);
        HawserClient client = ConnectionOptions.build(builder.listener(notes));
        ExchangeReport report =
            json ? new ExchangeJson(console) : new ExchangeText(reportTo, notes, options)) {
      return exchanges(client, request, report);
    }
  }

  private void check() {
    if (repeat < 1) {
      throw new UsageException("--repeat is " + repeat + "; it must be at least 1");
    }
    if (json && wholeBody) {
      throw new UsageException("--json leaves no place for --body: use --output FILE");
    }
    if (wholeBody && output != null) {
      throw new UsageException("--body and --output are two places for one body");
    }
    if (output != null) {
      BodyOutput.check(output);
    }
  }

  private int exchanges(HawserClient client, HttpRequest request, ExchangeReport report) {
    int result = Main.OK;
    try {
      for (int number = 1; number <= repeat; number++) {
        if (number > 1) {
          Thread.sleep(interval);
        }
        if (!exchange(client, request, number, report)) {
          result = Main.FAILED;
        }
      }
      return result;
    } catch (InterruptedException e) {
      return Main.FAILED; // Ctrl-C: what has been done is reported
    } catch (Reception.DestinationException e) {
      console.error(Errors.oneLine(e));
      return Main.FAILED;
    }
  }

  /** Sends the request once; returns whether it was answered. */
  private boolean exchange(
      HawserClient client, HttpRequest request, int number, ExchangeReport report)
      throws InterruptedException, Reception.DestinationException {
    boolean previewed = output == null && number == 1 && console.outTerminal() && !json;
    var preview = new BodyPreview();
    try (var progress = new Progress(console)) {
      var reception =
          new Reception(
              wholeBody || output != null
                  ? new BodyOutput(console, output, progress)
                  : previewed ? preview : head -> OutputStream.nullOutputStream());
      Exchange exchange = exchange(client, request, number, reception);
      progress.close();
      report.tell(exchange, previewed && !wholeBody ? preview.text() : "");
      return exchange.error() == null;
    }
  }

  private static Exchange exchange(
      HawserClient client, HttpRequest request, int number, Reception reception)
      throws InterruptedException, Reception.DestinationException {
    try {
      HawserResponse<Long> response = client.send(request, reception);
      Exchange.Head head = reception.head();
      if (head == null) {
        throw new IllegalStateException("a response without a head");
      }
      return Exchange.answered(number, head, response);
    } catch (Reception.DestinationException e) {
      throw e;
    } catch (IOException e) {
      return Exchange.failed(number, reception.head(), reception.bytes(), e);
    }
  }
}
