package dev.hawser.compat;

/**
 * Where Hawser does otherwise than the JDK's client, each with what a test observes of either;
 * {@code docs/compatibility.md} says why. One that vanishes, on either side, fails its test.
 */
enum Difference {
  USER_AGENT("Java-http-client", "Hawser"),
  HEAD_AFTER_303("GET", "HEAD"),
  REDIRECTS("5", "6"),
  PSEUDO_HEADERS("[:status]", "[]"),
  SLOW_BODY("the body", "HttpTimeoutException"),
  ACTIONS("ForkJoinPool.commonPool", "the executor"),
  CANCELLED_PUSH("nothing", "RST_STREAM"),
  KEPT_SUBSCRIBER("the body", "IOException"),
  UPGRADES("3", "1");

  private final String jdks;
  private final String ours;

  Difference(String jdks, String ours) {
    this.jdks = jdks;
    this.ours = ours;
  }

  String of(Subject subject) {
    return subject.isHawser() ? ours : jdks;
  }

  String jdks() {
    return jdks;
  }

  String ours() {
    return ours;
  }
}
