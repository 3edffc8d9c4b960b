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
  UPLOAD("upload", 1, 5, 10);

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
  final int callers;
  final Duration warmup;
  final Duration duration;

  Scenario(String load, int callers, int warmup, int duration) {
    this.load = load;
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
    };
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
    List<String> extra = transfer() ? List.of("bare") : List.of("bare", "bare-platform", "wrk");
    return Stream.concat(clients().stream(), extra.stream()).distinct().toList();
  }
}
