package dev.hawser.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where the command writes: answers to {@code out}, progress and errors to {@code err}.
 *
 * @param out standard output
 * @param err standard error
 * @param outTerminal whether a person reads {@code out}
 * @param errTerminal whether a person reads {@code err}
 * @param colours whether terminals get colours
 * @param unicode whether terminals can show more than ASCII
 */
record Console(
    PrintStream out,
    PrintStream err,
    boolean outTerminal,
    boolean errTerminal,
    boolean colours,
    boolean unicode) {
  /** How a text stands out, as the parameter of an SGR escape sequence. */
  enum Style {
    BOLD("1"),
    FAINT("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    BLUE("34"),
    MAGENTA("35"),
    CYAN("36");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  /** The process's own streams. */
  static Console system() {
    boolean outTerminal = isTerminal(1);
    return new Console(
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        outTerminal,
        isTerminal(2),
        System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")),
        !outTerminal || System.getProperty("native.encoding", "").equalsIgnoreCase("UTF-8"));
  }

  /** Streams that no person looks at. */
  static Console plain(PrintStream out, PrintStream err) {
    return new Console(out, err, false, false, false, true);
  }

  /** The JDK cannot tell one stream from the other; the launcher can, and says so. */
  @SuppressWarnings("SystemConsoleNull") // null it may be, says its contract
  private static boolean isTerminal(int descriptor) {
    String terminals = System.getProperty("hawser.terminals");
    if (terminals != null) {
      return terminals.indexOf('0' + descriptor) >= 0;
    }
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** The same streams, the reports going to {@code err}: {@code out} is for the body alone. */
  Console reportToErr() {
    return new Console(err, err, errTerminal, errTerminal, colours, unicode);
  }

  /** The same, errors going to {@code out}, too. */
  Console errorsToOut() {
    return new Console(out, out, outTerminal, outTerminal, colours, unicode);
  }

  void line(String line) {
    out.println(line);
  }

  void warn(String message) {
    err.println(paintErr(Style.YELLOW, "hawser: " + message));
  }

  void error(String message) {
    err.println(paintErr(Style.RED, "hawser: " + message));
  }

  /** For {@code out}. */
  String paint(Style style, String text) {
    return outTerminal && colours ? painted(style, text) : text;
  }

  private String paintErr(Style style, String text) {
    return errTerminal && colours ? painted(style, text) : text;
  }

  private static String painted(Style style, String text) {
    return "\u001b[" + style.code + "m" + text + "\u001b[0m";
  }

  PrintWriter outWriter() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  PrintWriter errWriter() {
    return new PrintWriter(err, true, StandardCharsets.UTF_8);
  }

  void flush() {
    out.flush();
    err.flush();
  }
}
