package dev.hawser.bench.cascade;

import dev.hawser.Hawser;
import java.net.http.HttpClient;
import java.time.Duration;

/** The clients under test, and what was set on them. */
enum Setup {
  JDK("jdk", "java.net.http as it is; retries, where there are any, in a loop around it", true) {
    @Override
    HttpClient client(int attempts) {
      return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }
  },
  /** What the others' retries are to be compared with. */
  ONCE("jdk-once", "java.net.http as it is, without retries", false) {
    @Override
    HttpClient client(int attempts) {
      return JDK.client(1);
    }
  },
  HAWSER("hawser", "Hawser's defaults; retry.maxRetries where there are retries", false) {
    @Override
    HttpClient client(int attempts) {
      return Hawser.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .retry(retry -> retry.maxRetries(attempts - 1))
          .build();
    }
  },
  LIMITED(
      "hawser-limited",
      "limit.enabled, limit.maxWait 20 ms; retry.maxRetries where there are retries",
      false) {
    @Override
    HttpClient client(int attempts) {
      return Hawser.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .retry(retry -> retry.maxRetries(attempts - 1))
          .limit(limit -> limit.enabled(true).maxWait(Duration.ofMillis(20)))
          .build();
    }
  };

  private final String label;
  private final String what;
  private final boolean isRepeated;

  Setup(String label, String what, boolean isRepeated) {
    this.label = label;
    this.what = what;
    this.isRepeated = isRepeated;
  }

  static Setup of(String label) {
    for (Setup setup : values()) {
      if (setup.label.equals(label)) {
        return setup;
      }
    }
    throw new IllegalArgumentException("no client " + label);
  }

  /**
   * A client.
   *
   * @param attempts at one call, the first included
   */
  abstract HttpClient client(int attempts);

  String label() {
    return label;
  }

  /** What was set, for the report. */
  String what() {
    return what;
  }

  /** Whether the gateway is to repeat its calls. */
  boolean isRepeated() {
    return isRepeated;
  }
}
