package dev.hawser.cli;

/** A line on the terminal that the next one overwrites; nothing at all where nobody looks. */
final class Progress implements AutoCloseable {
  private static final String ERASE = "\r\u001b[K";

  private final Console console;
  private boolean shown;

  Progress(Console console) {
    this.console = console;
  }

  boolean wanted() {
    return console.errTerminal();
  }

  void show(String line) {
    if (wanted()) {
      console.err().print(ERASE + line);
      console.err().flush();
      shown = true;
    }
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (shown) {
      console.err().print(ERASE);
      console.err().flush();
      shown = false;
    }
  }
}
