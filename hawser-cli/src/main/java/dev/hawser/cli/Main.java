package dev.hawser.cli;

/** The command. */
public final class Main {
  private Main() {}

  /** Runs it. */
  public static void main(String[] args) {
    System.err.println("hawser: no subcommand yet");
    System.exit(2);
  }
}
