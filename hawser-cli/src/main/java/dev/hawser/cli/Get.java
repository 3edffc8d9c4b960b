package dev.hawser.cli;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeFailure;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      "Durations are written 250ms, 1s, 2m.",
      "Example: hawser get https://localhost:8443/ --cacert ca.pem --repeat 3 --interval 1s"
    })
final class Get implements Callable<Integer> {
  private static final int PREVIEW = 64 * 1024;
  private static final int PREVIEW_LINES = 8;

  private final Console console;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Option(names = "--repeat", paramLabel = "N", description = "Send it N times, on the same client; default 1.")
  private int repeat = 1;

  @Option(names = "--interval", paramLabel = "D", description = "Pause between repeats.")
  private Duration interval = Duration.ZERO;

  @Option(names = {"-L", "--location"}, description = "Follow redirects.")
  private boolean location;

  @Option(names = {"-i", "--include"}, description = "Show the response's headers.")
  private boolean include;

  @Option(names = "--body", description = "Show the whole body, not only its first lines.")
  private boolean wholeBody;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Write the body to this file.")
  private @Nullable Path output;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  Get(Console console) {
    this.console = console;
  }

  /** For the demonstration. */
  Get(Console console, ConnectionOptions connection, int repeat, boolean location) {
    this.console = console;
    this.connection = connection;
    this.repeat = repeat;
    this.location = location;
  }

  @Override
  public Integer call() throws Exception {
    HttpRequest request = connection.request();
    if (connection.insecure()) {
      console.err().println("hawser: --insecure: nobody's identity is checked");
    }
    boolean failed = false;
    List<Map<String, @Nullable Object>> exchanges = new ArrayList<>();
    HawserClient.Builder builder = connection.client();
    if (location) {
      builder.followRedirects(Redirect.NORMAL);
    }
    try (HawserClient client = builder.build()) {
      for (int i = 0; i < repeat; i++) {
        if (i > 0 && !interval.isZero()) {
          Thread.sleep(interval);
        }
        try {
          exchanges.add(exchange(client, request, i));
        } catch (IOException e) {
          failed = true;
          exchanges.add(failure(e));
          if (connection.debug()) {
            e.printStackTrace(console.err());
          } else if (!json) {
            console.error(Errors.oneLine(e));
          }
        }
      }
    }
    if (json) {
      console.out().println(Json.text(Json.object("exchanges", exchanges)));
    }
    return failed ? 1 : 0;
  }

  private Map<String, @Nullable Object> exchange(HawserClient client, HttpRequest request, int turn)
      throws IOException, InterruptedException {
    HawserResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    Body body = read(response.body());
    Timeline timeline = response.timeline();
    if (!json) {
      print(response, body, turn);
    }
    return Json.object(
        "status", response.statusCode(),
        "protocol", "HTTP/1.1",
        "address", text(response.connection().remoteAddress()),
        "reused", timeline.reused(),
        "error", null,
        "phases", phases(timeline),
        "tls", response.connection().tls().map(Get::tls).orElse(null),
        "bytes", body.length());
  }

  private static Map<String, @Nullable Object> failure(IOException e) {
    @Nullable Object address = null;
    @Nullable Object phases = null;
    boolean reused = false;
    if (Errors.root(e) instanceof ExchangeFailure failure) {
      address = failure.details().address().map(Get::text).orElse(null);
      phases = phases(failure.details().timeline());
      reused = failure.details().timeline().reused();
    }
    return Json.object(
        "status", null,
        "protocol", null,
        "address", address,
        "reused", reused,
        "error", Errors.oneLine(e),
        "phases", phases,
        "tls", null,
        "bytes", 0);
  }

  private static Map<String, @Nullable Object> phases(Timeline timeline) {
    return Json.object(
        "queue", Durations.millis(timeline.queue()),
        "dns", Durations.millis(timeline.dns()),
        "connect", Durations.millis(timeline.connect()),
        "tls", Durations.millis(timeline.tls()),
        "request", Durations.millis(timeline.request()),
        "firstByte", Durations.millis(timeline.firstByte()),
        "body", Durations.millis(timeline.body()),
        "total", Durations.millis(timeline.total()));
  }

  private static Map<String, @Nullable Object> tls(ConnectionInfo.TlsInfo tls) {
    return Json.object(
        "version", tls.version(),
        "cipher", tls.cipher(),
        "group", null, // the JDK's TLS does not tell
        "resumed", tls.resumed(),
        "alpn", tls.alpn());
  }

  private record Body(long length, String preview) {}

  private Body read(InputStream in) throws IOException {
    var preview = new java.io.ByteArrayOutputStream();
    long length = 0;
    try (in;
        OutputStream file = output == null ? OutputStream.nullOutputStream() : Files.newOutputStream(output)) {
      byte[] buffer = new byte[16 * 1024];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        file.write(buffer, 0, count);
        length += count;
        if (wholeBody && !json || preview.size() < PREVIEW) {
          preview.write(buffer, 0, count);
        }
      }
    }
    return new Body(length, preview.toString(StandardCharsets.UTF_8));
  }

  private void print(HawserResponse<InputStream> response, Body body, int turn) {
    Timeline timeline = response.timeline();
    ConnectionInfo info = response.connection();
    String type = response.headers().firstValue("content-type").map(value -> ", " + value).orElse("");
    console
        .out()
        .println("HTTP/1.1 " + response.statusCode() + "  " + response.uri() + "  " + body.length() + " bytes" + type);
    console
        .out()
        .println(
            "  "
                + text(info.remoteAddress())
                + ", connection "
                + info.id()
                + (timeline.reused() ? ", reused: its exchange " + info.exchanges() : ", new")
                + info.tls().map(Get::describe).orElse(""));
    if (include) {
      response.headers().map().forEach((name, values) -> values.forEach(value -> console.out().println("  " + name + ": " + value)));
    }
    Waterfall.draw(timeline).forEach(console.out()::println);
    if (output == null && turn == 0 && !body.preview().isEmpty()) {
      printBody(response, body);
    }
    console.out().println();
    console.out().flush();
  }

  private void printBody(HawserResponse<InputStream> response, Body body) {
    String type = response.headers().firstValue("content-type").orElse("text/plain");
    if (wholeBody) {
      console.out().println(body.preview());
    } else if (type.startsWith("text/") || type.contains("json") || type.contains("xml")) {
      List<String> lines = body.preview().lines().limit(PREVIEW_LINES + 1L).toList();
      lines.stream().limit(PREVIEW_LINES).map(Get::shortened).forEach(console.out()::println);
      if (lines.size() > PREVIEW_LINES) {
        console.out().println("… (--body shows all)");
      }
    }
  }

  private static String shortened(String line) {
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }

  private static String describe(ConnectionInfo.TlsInfo tls) {
    return ", %s %s%s%s"
        .formatted(
            tls.version(),
            tls.cipher(),
            tls.alpn().isEmpty() ? "" : ", alpn " + tls.alpn(),
            tls.resumed() ? ", resumed" : "");
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress() == null ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
