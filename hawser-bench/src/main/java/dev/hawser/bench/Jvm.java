package dev.hawser.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JVM of every client: this one's, with the same flags for all. */
public final class Jvm {
  /**
   * One core, so the serial collector; compiler threads that stay, so that their CPU time can be
   * told apart.
   */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:-UseDynamicNumberOfCompilerThreads",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private Jvm() {}

  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  public static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** With the server's authority trusted, if there is one. */
  static List<String> flags(Scenario scenario, @Nullable Certificates certificates) {
    List<String> trust = certificates == null ? List.of() : certificates.jvmFlags();
    return Stream.concat(flags(scenario).stream(), trust.stream()).toList();
  }

  static List<String> flags(Scenario scenario) {
    List<String> memory =
        scenario.transfer() ? List.of("-Xmx128m") : List.of("-Xms512m", "-Xmx512m");
    return Stream.concat(memory.stream(), FLAGS.stream()).toList();
  }
}
