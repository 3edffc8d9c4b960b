package dev.hawser.compat;

/**
 * Where Hawser does otherwise than the JDK's client, each with what a test observes of either;
 * {@code docs/compatibility.md} says why. One that vanishes, on either side, fails its test.
 */
enum Difference {
  USER_AGENT("[Java-http-client", "[hawser"),
  HEAD_AFTER_303("GET", "HEAD"),
  REDIRECTS("6", "6");

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
