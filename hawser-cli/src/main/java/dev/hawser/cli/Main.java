package dev.hawser.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code hawser} command. Exit codes: 0 success, 1 a failed request, 2 wrong usage. */
@Command(
    name = "hawser",
    description = "An HTTP client whose connections stay fresh, and that says where the time goes.",
    mixinStandardHelpOptions = true,
    version = "hawser 0.1.0-SNAPSHOT",
    subcommands = {Get.class, Bench.class, Tune.class, Demo.class},
    footer = {
      "",
      "Examples:",
      "  hawser demo",
      "  hawser get https://localhost:8443/ --cacert ca.pem --repeat 3",
      "  hawser bench http://localhost:8080/ -c 64 -d 10s"
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create(); // replaced by picocli

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a subcommand is missing");
  }

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    var out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
    var err = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(new Console(out, err, isTerminal()), args);
    out.flush();
    System.exit(code);
  }

  @SuppressWarnings("SystemConsoleNull") // null it may be, says its contract
  private static boolean isTerminal() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Runs the command; for tests, too. */
  static int run(Console console, String... args) {
    var commandLine = new CommandLine(new Main(), new Commands(console));
    commandLine.registerConverter(java.time.Duration.class, Durations::parse);
    commandLine.setOut(console.outWriter());
    commandLine.setErr(console.errWriter());
    commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(console.coloured() ? Ansi.ON : Ansi.OFF));
    commandLine.setParameterExceptionHandler(Main::usage);
    commandLine.setExecutionExceptionHandler((e, command, result) -> failed(console, e, result));
    int code = commandLine.execute(args);
    console.flush();
    return code;
  }

  private static int usage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("hawser: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("Usage: " + command.getHelp().synopsis(7).strip());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Console console, Exception e, CommandLine.ParseResult result) {
    boolean debug = result.hasSubcommand() && result.subcommand().matchedOption("--debug") != null;
    if (debug) {
      e.printStackTrace(console.err());
    } else {
      console.error(Errors.oneLine(e));
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
