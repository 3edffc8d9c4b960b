package dev.hawser.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What is compared, with whom, and for how long when nothing is said. */
enum Scenario {
  /** Small GETs, keep-alive, many callers: CPU per request. */
  GET("get", 64, 15, 10),
  /** Small GETs by one caller: the time of one exchange, against a bare blocking socket. */
  LATENCY("get", 1, 10, 10),
  /** A big body down, streamed: throughput and memory, against curl. */
  DOWNLOAD("download", 1, 5, 10),
  /** A big body up from a file: throughput and memory, against curl. */
  UPLOAD("upload", 1, 5, 10),
  /** Small GETs over TLS, keep-alive, many callers: CPU per request. */
  HTTPS("get", Way.TLS, 64, 15, 10),

  // What `handshakes` measures: a new connection for each small GET. As many at once as OpenSSL's
  // server gives tickets, so that all can resume. JSSE's code takes half a minute of handshakes to
  // be warm on one core.
  /** Without TLS: what a connection and a request cost of themselves. */
  UNSECURED("get", Way.PLAIN_CLOSING, 2, 8, 4),
  /** Nothing to resume. */
  FULL("get", Way.FULL, 2, 30, 4),
  /** All resumed, as far as client and server can. */
  RESUMED("get", Way.RESUMED, 2, 30, 4),
  /** The start of a process, with nothing to resume. */
  FIRST("batch", Way.FULL, 2, 0, 0),
  /** The start of a process, without TLS. */
  FIRST_UNSECURED("batch", Way.PLAIN_CLOSING, 2, 0, 0),
  /** All connections at once, the first that the process does. */
  HERD_COLD("batch", Way.HERD, 200, 0, 0),
  /** All connections at once, in warm code, without a ticket. */
  HERD_WARM("batch", Way.HERD, 200, 30, 0);

  /** Connections in a batch. */
  static final int BATCH = 200;

  private static final List<String> CLIENTS =
      List.of(
          "hawser",
          "jdk",
          "okhttp",
          "apache",
          "apache-async",
          "jetty",
          "vertx",
          "armeria",
          "reactor-netty",
          "helidon",
          "go");

  final String load;
  final Way way;
  final int callers;
  final Duration warmup;
  final Duration duration;

  Scenario(String load, int callers, int warmup, int duration) {
    this(load, Way.PLAIN, callers, warmup, duration);
  }

  Scenario(String load, Way way, int callers, int warmup, int duration) {
    this.load = load;
    this.way = way;
    this.callers = callers;
    this.warmup = Duration.ofSeconds(warmup);
    this.duration = Duration.ofSeconds(duration);
  }

  /** Whom the others' figures are divided by. */
  List<String> yardsticks() {
    return switch (this) {
      case GET -> List.of("vertx", "apache-async", "okhttp");
      case LATENCY -> List.of("bare", "bare-platform");
      case DOWNLOAD, UPLOAD -> List.of("curl");
      default -> List.of("vertx", "vertx-openssl");
    };
  }

  /** Those of {@code compare}. */
  static List<Scenario> compared() {
    return List.of(GET, LATENCY, DOWNLOAD, UPLOAD, HTTPS);
  }

  /**
   * Of memory: the objects of {@code java.net.http} that every client makes, without a client. With
   * the body's only, and with the headers that the JDK's client makes whether asked for or not.
   */
  List<String> floors() {
    return this == GET ? List.of("jdk-body", "jdk-objects") : List.of();
  }

  private List<String> references() {
    return switch (this) {
      case GET -> List.of("wrk", "jdk-body", "jdk-objects");
      case LATENCY -> List.of("bare", "bare-platform");
      case DOWNLOAD -> List.of("curl");
      case UPLOAD -> List.of("hawser-file", "curl");
      default -> List.of("hawser-conscrypt", "vertx-openssl", "wrk");
    };
  }

  boolean transfer() {
    return this == DOWNLOAD || this == UPLOAD;
  }

  List<String> clients() {
    return Stream.concat(CLIENTS.stream(), references().stream()).toList();
  }

  /** Everybody who can take part, whether by default or only when named. */
  List<String> known() {
    if (way.secure()) {
      return clients();
    }
    List<String> extra = transfer() ? List.of("bare") : List.of("bare", "bare-platform", "wrk");
    return Stream.concat(clients().stream(), extra.stream()).distinct().toList();
  }
}
