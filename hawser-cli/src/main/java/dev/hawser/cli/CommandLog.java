package dev.hawser.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Shows what the library and the JDK log as the command's own warnings: one line each on standard
 * error, without dates and class names. Found as a service.
 */
public final class CommandLog extends System.LoggerFinder {
  private static volatile boolean everything; // written once, by the command line's --debug

  /** Made by the JDK. */
  public CommandLog() {}

  /** From now on, not only warnings. */
  static void showEverything() {
    everything = true;
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new LineLogger(name);
  }

  private record LineLogger(String name) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      boolean ours = name.startsWith("dev.hawser");
      Level least = ours && everything ? Level.DEBUG : ours ? Level.WARNING : Level.ERROR;
      return level != Level.OFF && level.compareTo(least) >= 0;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        System.err.println("hawser: " + message + (thrown == null ? "" : ": " + thrown));
        if (thrown != null && everything) {
          thrown.printStackTrace(System.err);
        }
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object... parameters) {
      if (isLoggable(level)) {
        boolean asIs = format == null || parameters == null || parameters.length == 0;
        log(
            level,
            bundle,
            asIs ? format : MessageFormat.format(format, parameters),
            (Throwable) null);
      }
    }
  }
}
