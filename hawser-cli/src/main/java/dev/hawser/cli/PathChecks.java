package dev.hawser.cli;

import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeEvent;
import dev.hawser.ExchangeFailure;
import dev.hawser.ExchangeListener;
import dev.hawser.HandshakeParts;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.Phase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The way of a request, by the library itself: name, TCP, TLS, HTTP, and all of it again. */
final class PathChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CONNECT_PATIENCE = 3_000;

  private static final Duration SKEW = Duration.ofSeconds(60);

  /** What the client told while it was at work. */
  static final class Notes implements ExchangeListener {
    private final List<ExchangeEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void on(ExchangeEvent event) {
      events.add(event);
    }

    private <E extends ExchangeEvent> List<E> all(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private final HawserClient client;
  private final Notes notes;
  private final URI uri;
  private @Nullable HawserResponse<Void> response;
  private @Nullable IOException failure;

  PathChecks(HawserClient client, Notes notes, URI uri) {
    this.client = client;
    this.notes = notes;
    this.uri = uri;
  }

  /** Sends the first request, on which the others rest. */
  void begin() throws InterruptedException {
    try {
      response = send();
    } catch (IOException e) {
      failure = e;
    }
  }

  private HawserResponse<Void> send() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).HEAD().timeout(PATIENCE).build();
    return client.send(request, BodyHandlers.discarding());
  }

  boolean answered() {
    return response != null;
  }

  /** The addresses of the host, as far as they are known. */
  List<InetAddress> addresses() {
    return notes.all(ExchangeEvent.Resolved.class).stream()
        .findFirst()
        .map(ExchangeEvent.Resolved::addresses)
        .orElse(List.of());
  }

  /** The group that the first connection's keys come from; empty without one. */
  Optional<String> group() {
    return notes.all(ExchangeEvent.Secured.class).stream()
        .findFirst()
        .flatMap(secured -> secured.tls().group());
  }

  Check name() {
    Check failed = failed("dns", Phase.DNS);
    if (failed != null) {
      return failed;
    }
    Optional<ExchangeEvent.Resolved> resolved =
        notes.all(ExchangeEvent.Resolved.class).stream().findFirst();
    if (resolved.isEmpty()) {
      return Check.skip("dns", "nothing was looked up");
    }
    String ttl =
        client.snapshot().names().stream()
            .filter(name -> !name.addresses().isEmpty())
            .map(name -> ", %s for %d s by %s".formatted(name.type(), ttl(name), name.source()))
            .reduce("", String::concat);
    List<String> texts = addresses().stream().map(InetAddress::getHostAddress).toList();
    String took = Durations.shown(resolved.get().took());
    return Check.ok("dns", "%s in %s ms%s".formatted(String.join(", ", texts), took, ttl));
  }

  private static long ttl(ClientSnapshot.Name name) {
    return name.ttlLeft().toSeconds();
  }

  /** Each address, also those that the client did not need. */
  Check tcp(int port) {
    if (addresses().isEmpty()) {
      return Check.skip("tcp", "there is no address");
    }
    var found = new ArrayList<String>();
    int dead = 0;
    for (InetAddress address : addresses()) {
      long start = System.nanoTime();
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), CONNECT_PATIENCE);
        found.add(
            address.getHostAddress()
                + " in "
                + Durations.shown((System.nanoTime() - start) / 1e6)
                + " ms");
      } catch (IOException e) {
        dead++;
        found.add(address.getHostAddress() + ": " + Errors.oneLine(e));
      }
    }
    String text = String.join("; ", found);
    if (dead == 0) {
      return Check.ok("tcp", text);
    }
    return dead < found.size()
        ? Check.warn(
            "tcp",
            text,
            "clients that try this address first lose time, those that try one only fail",
            "Take the dead address out of the name's records, or mend what listens there")
        : Check.fail(
            "tcp",
            text,
            "nobody accepts connections at port " + port,
            "Check that the service runs and listens there, and the firewalls between");
  }

  Check handshake() {
    Check failed = failed("tls.handshake", Phase.TLS);
    if (failed != null) {
      return failed;
    }
    return notes.all(ExchangeEvent.Secured.class).stream()
        .findFirst()
        .map(
            secured -> {
              HandshakeParts parts = secured.parts();
              return Check.ok(
                  "tls.handshake",
                  "trusted, in %s ms (ServerHello %s, certificates %s, validation %s, finish %s)"
                      .formatted(
                          Durations.shown(secured.took()),
                          Durations.shown(parts.serverHello()),
                          Durations.shown(parts.certificates()),
                          Durations.shown(parts.validation()),
                          Durations.shown(parts.finish())));
            })
        .orElseGet(() -> Check.skip("tls.handshake", "there is no connection"));
  }

  private @Nullable Check failed(String id, Phase phase) {
    ExchangeFailure known = failure == null ? null : Errors.failure(failure);
    if (known == null || known.details().phase() != phase) {
      return null;
    }
    String advice = known.details().advice();
    return Check.fail(
        id,
        Errors.printable(known.details().problem()),
        "no request gets through",
        advice.isEmpty() ? "Look at the server's log" : Errors.advice(advice));
  }

  Check http() {
    if (response != null) {
      int status = response.statusCode();
      String found =
          "%s %d in %s ms, the connection included"
              .formatted(
                  response.version() == Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1",
                  status,
                  Durations.shown(response.timeline().total()));
      return status >= 500
          ? Check.warn("http", found, "the server says that it is in trouble", "Look at its log")
          : Check.ok("http", found);
    }
    if (failure == null) {
      return Check.skip("http", "not tried");
    }
    ExchangeFailure known = Errors.failure(failure);
    boolean said = known != null && known.details().phase().compareTo(Phase.TLS) <= 0;
    return said
        ? Check.skip("http", "there is no connection to ask over")
        : Check.fail(
            "http",
            Errors.kind(failure),
            "no request gets through; it looks the same where something else than HTTP/1.1 is"
                + " spoken, as by a database or gRPC",
            "If it is to speak HTTP, look at the server's log; what follows needs no HTTP");
  }

  /** Whether the server keeps connections. */
  Check reuse() throws InterruptedException {
    try {
      boolean reused = send().timeline().reused();
      return reused
          ? Check.ok("http.reuse", "a second request went over the same connection")
          : Check.warn(
              "http.reuse",
              "a second request needed a connection of its own",
              "each request then costs TCP and TLS",
              "Have the server keep connections (keepalive_timeout and the like)");
    } catch (IOException e) {
      return Check.fail(
          "http.reuse",
          "a second request failed: " + Errors.oneLine(e),
          "the first went through",
          "Look at the server's log");
    }
  }

  Check clock() {
    Optional<String> date =
        response == null ? Optional.empty() : response.headers().firstValue("Date");
    if (date.isEmpty()) {
      return Check.skip("http.clock", "the server sends no Date");
    }
    try {
      Instant theirs =
          ZonedDateTime.parse(date.get(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration ahead = Duration.between(Instant.now(), theirs);
      String found =
          "the server's clock is %d s %s"
              .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead");
      return ahead.abs().compareTo(SKEW) > 0
          ? Check.warn(
              "http.clock",
              found,
              "certificates, tokens and cached answers are judged by the clock",
              "Set the clocks by NTP, here or there")
          : Check.ok("http.clock", found);
    } catch (DateTimeException e) {
      return Check.skip("http.clock", "the server's Date cannot be read");
    }
  }
}
