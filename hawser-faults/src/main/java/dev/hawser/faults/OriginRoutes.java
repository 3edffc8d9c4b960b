package dev.hawser.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * What the {@link OriginServer} answers:
 *
 * <table>
 * <caption>paths</caption>
 * <tr><td>{@code /}</td><td>64 bytes</td></tr>
 * <tr><td>{@code /bytes/N}</td><td>N letters with a length</td></tr>
 * <tr><td>{@code /chunked/N}</td><td>N letters in chunks</td></tr>
 * <tr><td>{@code /drip/N/MILLIS}</td><td>N letters, one each MILLIS</td></tr>
 * <tr><td>{@code /delay/MILLIS}</td><td>answers after a while</td></tr>
 * <tr><td>{@code /echo}</td><td>the body that came, of its type, framed as it was</td></tr>
 * <tr><td>{@code /upload}</td><td>how many bytes came</td></tr>
 * <tr><td>{@code /headers}</td><td>the header lines that came</td></tr>
 * <tr><td>{@code /status/CODE}</td><td>this status</td></tr>
 * <tr><td>{@code /early/CODE}</td><td>this status before the body is read, and closes</td></tr>
 * <tr><td>{@code /redirect/N}</td><td>N hops to {@code /}; {@code ?code=307}</td></tr>
 * <tr><td>{@code /redirect-to?url=U}</td><td>redirects there; {@code &code=307}</td></tr>
 * <tr><td>{@code /cookies/set?NAME=V}</td><td>sets cookies</td></tr>
 * <tr><td>{@code /cookies}</td><td>the cookies that came</td></tr>
 * <tr><td>{@code /trailers}</td><td>chunks with trailers</td></tr>
 * <tr><td>{@code /counts}</td><td>connections and requests so far, as nginx's stub_status
 *     says them</td></tr>
 * <tr><td>{@code /close}</td><td>closes the connection, and says so</td></tr>
 * </table>
 */
final class OriginRoutes {
  private static final byte[] SMALL =
      "This small answer has sixty-four bytes and fits in one segment.\n"
          .getBytes(StandardCharsets.US_ASCII);

  private static final int MOST_ECHO = 64 * 1024 * 1024;
  private static final int CHUNK = 8 * 1024;

  private final OriginServer server;

  OriginRoutes(OriginServer server) {
    this.server = server;
  }

  void answer(RequestHead head, InputStream body, Responder to) throws IOException {
    if (head.target().equals("/")) {
      to.begin(200).field("Content-Type", "text/plain").body(SMALL);
      return;
    }
    String[] path = head.path().substring(1).split("/", -1);
    switch (path[0]) {
      case "bytes" -> {
        long count = number(path, 1);
        to.begin(200).field("Content-Type", "text/plain").letters(count);
      }
      case "chunked" -> chunked(number(path, 1), to);
      case "drip" -> drip(number(path, 1), number(path, 2), to);
      case "delay" -> {
        pause(number(path, 1));
        to.begin(200).text("after " + path[1] + " ms\n");
      }
      case "echo" -> echo(head, body, to);
      case "upload" -> {
        long count = body.transferTo(OutputStream.nullOutputStream());
        to.begin(200).text(count + "\n");
      }
      case "headers" -> to.begin(200).text(head.fieldsText());
      case "status" -> status(status(path), false, to);
      case "early" -> status(status(path), true, to);
      case "redirect" -> {
        long hops = number(path, 1);
        String next = hops <= 1 ? "/" : "/redirect/" + (hops - 1);
        String query = head.query().isEmpty() || hops <= 1 ? "" : "?" + head.query();
        redirect(head, next + query, to);
      }
      case "redirect-to" -> redirect(head, parameter(head, "url", "/"), to);
      case "cookies" -> cookies(head, path, to);
      case "trailers" -> trailers(to);
      case "counts" -> counts(to);
      case "close" -> to.begin(200, true).text("closing\n");
      default -> to.begin(404).text("There is nothing at " + head.path() + "\n");
    }
  }

  private static void chunked(long count, Responder to) throws IOException {
    to.begin(200).field("Content-Type", "text/plain").chunks();
    to.letterChunks(count, CHUNK);
    to.lastChunk("");
  }

  private void drip(long count, long millis, Responder to) throws IOException {
    to.begin(200).field("Content-Type", "text/plain").length(count);
    to.flush();
    for (long i = 0; i < count; i++) {
      pause(millis);
      to.letter(i);
    }
  }

  private static void echo(RequestHead head, InputStream body, Responder to) throws IOException {
    if (head.length() > MOST_ECHO) {
      to.begin(413, true).text("more than " + MOST_ECHO + " bytes\n");
      return;
    }
    // All of it before the answer: most clients do not read while they send.
    byte[] bytes = body.readNBytes(MOST_ECHO + 1);
    if (bytes.length > MOST_ECHO) {
      to.begin(413, true).text("more than " + MOST_ECHO + " bytes\n");
      return;
    }
    to.begin(200);
    for (String type : head.field("content-type")) {
      to.field("Content-Type", type);
    }
    if (head.chunked()) {
      to.chunks();
      for (int at = 0; at < bytes.length; at += CHUNK) {
        to.chunk(bytes, at, Math.min(CHUNK, bytes.length - at));
      }
      to.lastChunk("");
    } else {
      to.body(bytes);
    }
  }

  private static void status(int status, boolean early, Responder to) throws IOException {
    to.begin(status, early);
    switch (status) {
      case 401 -> to.field("WWW-Authenticate", "Basic realm=\"origin\"");
      case 407 -> to.field("Proxy-Authenticate", "Basic realm=\"origin\"");
      default -> {}
    }
    if (status == 204 || status == 304) {
      to.nothing();
    } else {
      to.text(status + " " + Statuses.reason(status) + "\n");
    }
  }

  private static void redirect(RequestHead head, String location, Responder to) throws IOException {
    int code = number(parameter(head, "code", "302"), 300, 399);
    if (!location.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new BadRequestException(400, "the URL has characters that a header cannot have");
    }
    to.begin(code).field("Location", location).text("to " + location + "\n");
  }

  private static void cookies(RequestHead head, String[] path, Responder to) throws IOException {
    if (path.length == 1) {
      to.begin(200).text(String.join("\n", head.field("cookie")) + "\n");
      return;
    }
    to.begin(200);
    for (String cookie : head.query().split("&", -1)) {
      to.field("Set-Cookie", cookie + "; Path=/");
    }
    to.text("set\n");
  }

  private static void trailers(Responder to) throws IOException {
    byte[] body = "trailers follow\n".getBytes(StandardCharsets.US_ASCII);
    to.begin(200).field("Content-Type", "text/plain").field("Trailer", "X-Length, X-Done").chunks();
    to.chunk(body, 0, body.length);
    to.lastChunk("X-Length: " + body.length + "\r\nX-Done: yes\r\n");
  }

  private void counts(Responder to) throws IOException {
    long accepts = server.connections();
    to.begin(200)
        .text(
            "Active connections: %d \nserver accepts handled requests\n %d %d %d \n"
                .formatted(server.open(), accepts, accepts, server.requests()));
  }

  private void pause(long millis) throws IOException {
    try {
      if (server.closing().await(millis, TimeUnit.MILLISECONDS)) {
        throw new IOException("the server is closing");
      }
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  private static String parameter(RequestHead head, String name, String otherwise)
      throws BadRequestException {
    for (String pair : head.query().split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        try {
          return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
          throw new BadRequestException(400, "the parameter " + name + " is not encoded well");
        }
      }
    }
    return otherwise;
  }

  private static int status(String[] path) throws BadRequestException {
    return number(path.length > 1 ? path[1] : "", 200, 999);
  }

  private static int number(String text, int least, int most) throws BadRequestException {
    long number = number(new String[] {text}, 0);
    if (number < least || number > most) {
      throw new BadRequestException(400, text + " is not within " + least + " and " + most);
    }
    return (int) number;
  }

  private static long number(String[] path, int index) throws BadRequestException {
    String text = index < path.length ? path[index] : "";
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new BadRequestException(400, "a number is missing in the path, or it is none: " + text);
    }
    return Long.parseLong(text);
  }
}
