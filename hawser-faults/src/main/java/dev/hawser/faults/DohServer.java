package dev.hawser.faults;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * DNS over HTTPS (RFC 8484) in front of a {@link DnsServer}: the same records, the same behaviours,
 * counted there. Over HTTP/1.1, POST and GET. A behaviour that sends nothing leaves its client
 * without an answer; one that sends twice answers a request that was never made.
 *
 * {@snippet :
 * try (var dns = DnsServer.start();
 *     var doh = DohServer.before(dns, authority.localhost().tls())) {
 *   dns.set("a.test", Type.A, 2, "127.0.0.2");
 *   // … queries to https://127.0.0.1:{doh.uri().getPort()}/dns-query
 * }
 * }
 */
public final class DohServer implements AutoCloseable {
  private static final String PATH = "/dns-query";
  private static final String MESSAGE = "application/dns-message";

  private final DnsServer dns;
  private final FaultServer http;

  private DohServer(DnsServer dns, Tls tls) throws IOException {
    this.dns = dns;
    this.http = FaultServer.builder().tls(tls.alpn("http/1.1")).start(this::serve);
  }

  /** On a free port of 127.0.0.1. */
  public static DohServer before(DnsServer dns, Tls tls) throws IOException {
    return new DohServer(dns, tls);
  }

  /** Where queries go to. */
  public URI uri() {
    return http.uri(PATH);
  }

  /** What it was asked, and over which connections. */
  public FaultServer http() {
    return http;
  }

  private void serve(Peer peer) throws IOException {
    while (true) {
      Received request = peer.readRequest();
      try {
        byte[] query = query(request);
        SocketAddress from = peer.socket().getRemoteSocketAddress();
        dns.handle(query, true, from, new Https(peer));
      } catch (BadRequestException e) {
        peer.send(
            "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n"
                .formatted(e.status(), Statuses.reason(e.status())));
      }
    }
  }

  /** The message in a request (section 4.1). */
  private static byte[] query(Received request) throws BadRequestException {
    String[] target = request.target().split("\\?", 2);
    if (!target[0].equals(PATH)) {
      throw new BadRequestException(404, "nothing at " + target[0]);
    }
    return switch (request.method()) {
      case "GET" -> parameter(target.length == 1 ? "" : target[1]);
      case "POST" -> {
        if (!request.header("content-type").equals(List.of(MESSAGE))) {
          throw new BadRequestException(415, "no " + MESSAGE);
        }
        yield request.body();
      }
      default -> throw new BadRequestException(405, request.method());
    };
  }

  private static byte[] parameter(String parameters) throws BadRequestException {
    try {
      for (String parameter : parameters.split("&", -1)) {
        if (parameter.startsWith("dns=") && !parameter.endsWith("=")) { // base64url without padding
          return Base64.getUrlDecoder().decode(parameter.substring("dns=".length()));
        }
      }
    } catch (IllegalArgumentException e) {
      // The same as none.
    }
    throw new BadRequestException(400, "no query");
  }

  private record Https(Peer peer) implements DnsWay {
    @Override
    public void send(byte[] bytes) throws IOException {
      sendPart(bytes, bytes.length);
    }

    @Override
    public void sendPart(byte[] bytes, int count) throws IOException {
      peer.send(
          "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
              .formatted(MESSAGE, bytes.length, freshness(bytes)));
      peer.send(Arrays.copyOf(bytes, count));
    }

    /** As long as the least TTL (section 5.1); nothing if there is none. */
    private static String freshness(byte[] bytes) {
      try {
        return new Message(bytes)
            .getSection(Section.ANSWER).stream().mapToLong(Record::getTTL).min().stream()
                .mapToObj(ttl -> "Cache-Control: max-age=" + ttl + "\r\n")
                .findFirst()
                .orElse("");
      } catch (IOException e) {
        return ""; // garbage, on purpose
      }
    }

    @Override
    public void close() throws IOException {
      peer.close();
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
