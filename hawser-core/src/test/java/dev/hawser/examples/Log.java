package dev.hawser.examples;

/** The logger of the examples, like SLF4J's. */
@FunctionalInterface
interface Log {
  void info(String format, Object... values);
}
