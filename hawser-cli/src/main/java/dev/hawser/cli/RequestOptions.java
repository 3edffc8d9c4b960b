package dev.hawser.cli;

import dev.hawser.FileBody;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whom to ask, and what. */
final class RequestOptions {
  private static final String FORM = "application/x-www-form-urlencoded";

  @Parameters(paramLabel = "URL", description = "What to ask for: http://... or https://...")
  private String url = "";

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Method; the default is GET, or POST with --data.")
  private @Nullable String method;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "Request header; may be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "TEXT",
      description =
          "Request body; @FILE sends a file, @- standard input. Of type "
              + FORM
              + " unless -H says otherwise, as with curl.")
  private @Nullable String data;

  @Option(
      names = "--timeout",
      paramLabel = "D",
      description = "For a whole request, its body included, such as 250ms, 1s, 2m.")
  private @Nullable Duration timeout;

  RequestOptions() {}

  /** The URL, without user name and password. */
  URI uri() {
    URI uri = TargetUrl.parse(url);
    String text = uri.toString();
    return uri.getRawUserInfo() == null
        ? uri
        : URI.create(uri.getScheme() + "://" + text.substring(text.indexOf('@') + 1));
  }

  @Nullable Duration timeout() {
    return timeout;
  }

  HttpRequest request() {
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri());
    setMethodAndBody(builder);
    headers.forEach(header -> addHeader(builder, header));
    if (data != null && !isSet("Content-Type")) {
      builder.header("Content-Type", FORM);
    }
    String userInfo = TargetUrl.parse(url).getUserInfo();
    if (userInfo != null && !isSet("Authorization")) {
      byte[] bytes = userInfo.getBytes(StandardCharsets.UTF_8);
      builder.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    if (timeout != null) {
      builder.timeout(Durations.positive("--timeout", timeout));
    }
    return builder.build();
  }

  private void setMethodAndBody(HttpRequest.Builder builder) {
    if (data == null && (method == null || method.equals("GET"))) {
      builder.GET(); // with an empty body it would announce one, of no length
      return;
    }
    BodyPublisher body = body();
    try {
      builder.method(method == null ? "POST" : method, body);
    } catch (IllegalArgumentException e) {
      throw new UsageException("-X: '" + method + "' is no method that can be sent", e);
    }
  }

  private static void addHeader(HttpRequest.Builder builder, String header) {
    int colon = header.indexOf(':');
    if (colon <= 0) {
      throw new UsageException("-H: '" + header + "' is not a header such as 'Accept: text/plain'");
    }
    String name = header.substring(0, colon).strip();
    try {
      builder.header(name, header.substring(colon + 1).strip());
    } catch (IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage());
      throw new UsageException(
          why.startsWith("restricted")
              ? "-H: " + name + " is set by the client; --resolve connects to another address"
              : "-H: " + why,
          e);
    }
  }

  private boolean isSet(String name) {
    return headers.stream()
        .anyMatch(
            header ->
                header.regionMatches(true, 0, name, 0, name.length())
                    && header.substring(name.length()).stripLeading().startsWith(":"));
  }

  private BodyPublisher body() {
    if (data == null) {
      return BodyPublishers.noBody();
    }
    if (!data.startsWith("@")) {
      return BodyPublishers.ofString(data);
    }
    String file = data.substring(1);
    try {
      return file.equals("-")
          ? BodyPublishers.ofByteArray(System.in.readAllBytes())
          : FileBody.of(Path.of(file));
    } catch (FileNotFoundException e) {
      throw new UsageException("--data: there is no file " + file, e);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("--data: cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
