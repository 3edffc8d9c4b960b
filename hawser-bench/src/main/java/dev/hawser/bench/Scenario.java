package dev.hawser.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  // All on one connection.
  /** Small GETs over HTTP/2 in clear text: CPU per request. */
  H2("get", Way.HTTP2_PLAIN, 64, 15, 10),
  /** The same over TLS. */
  H2_TLS("get", Way.HTTP2_TLS, 64, 15, 10),
  /** A big body down over HTTP/2 in clear text: CPU for each. */
  H2_DOWNLOAD("download", Way.HTTP2_PLAIN, 1, 5, 10),
  /** A big body up over HTTP/2 in clear text: CPU for each. */
  H2_UPLOAD("upload", Way.HTTP2_PLAIN, 1, 5, 10),
  /** A big body down over HTTP/2 and TLS: CPU for each. */
  H2_TLS_DOWNLOAD("download", Way.HTTP2_TLS, 1, 5, 10),
  /** A big body up over HTTP/2 and TLS: CPU for each. */
  H2_TLS_UPLOAD("upload", Way.HTTP2_TLS, 1, 5, 10),
  /** A big body down a long path over HTTP/2 and TLS: how much of the path is used. */
  H2_PATH("download", Way.PATH_HTTP2, 1, 5, 10),

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
      case H2_PATH -> List.of("bare");
      case H2, H2_TLS, H2_DOWNLOAD, H2_UPLOAD, H2_TLS_DOWNLOAD, H2_TLS_UPLOAD ->
          List.of("vertx", "okhttp");
      default -> List.of("vertx", "vertx-openssl");
    };
  }

  /** Those of {@code compare}. */
  static List<Scenario> compared() {
    return List.of(
        GET,
        LATENCY,
        DOWNLOAD,
        UPLOAD,
        HTTPS,
        H2,
        H2_TLS,
        H2_DOWNLOAD,
        H2_UPLOAD,
        H2_TLS_DOWNLOAD,
        H2_TLS_UPLOAD,
        H2_PATH);
  }

  /** As it is called on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * How long to wait beyond warm-up and measured time, which whole transfers may exceed: down the
   * long path 100 MB take 77 s through a window of 64 KiB, and there are two of them.
   */
  Duration patience() {
    return Duration.ofSeconds(this == H2_PATH ? 200 : 60);
  }

  /** How a client reaches the server; who is no client and knows no HTTP/2, the plain way. */
  Way way(String client) {
    return this == H2_PATH && client.equals("bare") ? Way.PATH_PLAIN : way;
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
      case H2 -> List.of();
      case H2_TLS -> List.of("hawser-conscrypt", "vertx-openssl");
      case H2_DOWNLOAD -> List.of("curl");
      case H2_UPLOAD -> List.of("hawser-file", "curl");
      case H2_TLS_DOWNLOAD -> List.of("hawser-conscrypt", "vertx-openssl", "curl");
      case H2_TLS_UPLOAD -> List.of("hawser-file", "hawser-conscrypt", "vertx-openssl", "curl");
      case H2_PATH -> List.of("bare", "curl");
      default -> List.of("hawser-conscrypt", "vertx-openssl", "wrk");
    };
  }

  boolean transfer() {
    return !load.equals("get") && !load.equals("batch");
  }

  boolean upload() {
    return load.equals("upload");
  }

  /** Who speaks HTTP/2 on one connection; in clear text by prior knowledge. */
  private List<String> contestants() {
    if (!way.http2()) {
      return CLIENTS;
    }
    var clients = new ArrayList<>(CLIENTS);
    clients.removeAll(List.of("apache", "helidon")); // HTTP/1.1, and not compared
    if (!way.secure()) {
      clients.removeAll(List.of("jdk", "go")); // they would begin with HTTP/1.1
    }
    return clients;
  }

  List<String> clients() {
    return Stream.concat(contestants().stream(), references().stream()).toList();
  }

  /** Everybody who can take part, whether by default or only when named. */
  List<String> known() {
    if (way.secure() || way.http2()) {
      return clients();
    }
    List<String> extra = transfer() ? List.of("bare") : List.of("bare", "bare-platform", "wrk");
    return Stream.concat(clients().stream(), extra.stream()).distinct().toList();
  }
}
