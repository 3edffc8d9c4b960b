package dev.hawser.cli;

/** Tells of exchanges as they end, in one form or another. */
interface ExchangeReport extends AutoCloseable {
  /**
   * Tells of the next one. {@code preview} is the beginning of its body, and empty if not wanted.
   */
  void tell(Exchange exchange, String preview);

  /** No more follow. */
  @Override
  void close();
}
