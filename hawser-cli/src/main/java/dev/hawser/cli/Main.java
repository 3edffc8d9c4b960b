package dev.hawser.cli;

import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code hawser} command. */
@Command(
    name = "hawser",
    description = "An HTTP client whose connections stay fresh, and that says where the time goes.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "SUBCOMMAND",
    commandListHeading = "%nSubcommands:%n",
    footer = {
      "",
      "Examples:",
      "  hawser demo                                       a tour on a server of its own",
      "  hawser get http://localhost:8080/ --repeat 3      where the time goes, and reuse",
      "  hawser bench http://localhost:8080/ -c 64 -d 10s  requests/s, latency, CPU",
      "  hawser doctor https://localhost:8443/              DNS, TCP, TLS, HTTP: what is wrong with"
          + " it",
      "  hawser dns example.org                            who says what of a name, and which is"
          + " stale",
      "  hawser lab --quick                                what clients do when things go wrong",
      "  hawser get --help                                 all options of a subcommand",
      "",
      "Exit codes: 0 success, 1 a failed request or check, 2 wrong usage."
    })
public final class Main {
  /** Exit code: all went well. */
  static final int OK = 0;

  /** Exit code: a request failed. */
  static final int FAILED = 1;

  /** Exit code: wrong usage. */
  static final int USAGE = 2;

  private Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    Console console = Console.system();
    int code = run(console, args);
    console.flush();
    System.exit(code);
  }

  /** Runs the command within this process. */
  static int run(Console console, String... args) {
    CommandLine commandLine = commandLine(console);
    if (args.length == 0) {
      console.error("a subcommand is missing");
      commandLine.usage(commandLine.getErr());
      return USAGE;
    }
    try {
      return commandLine.execute(args);
    } catch (Error e) { // of which picocli knows nothing
      console.error(e.getClass().getSimpleName() + ": " + Errors.oneLine(e));
      return FAILED;
    } finally {
      console.flush();
    }
  }

  private static CommandLine commandLine(Console console) {
    var commandLine = new CommandLine(new Main());
    commandLine.addSubcommand(new Get(console));
    commandLine.addSubcommand(new Bench(console));
    commandLine.addSubcommand(new Doctor(console));
    commandLine.addSubcommand(new Dns(console));
    commandLine.addSubcommand(new Tune(console));
    commandLine.addSubcommand(new FaultLab(console));
    commandLine.addSubcommand(new Demo(console));
    commandLine.registerConverter(Duration.class, Durations::parse);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExpandAtFiles(false); // --data @FILE is ours
    commandLine.setUsageHelpWidth(100);
    commandLine.setOut(console.outWriter());
    commandLine.setErr(console.errWriter());
    boolean coloured = console.outTerminal() && console.errTerminal() && console.colours();
    commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(coloured ? Ansi.ON : Ansi.OFF));
    commandLine.setParameterExceptionHandler((e, args) -> usage(console, e, e.getCommandLine()));
    commandLine.setExecutionExceptionHandler(
        (e, command, result) ->
            e instanceof UsageException
                ? usage(console, e, command)
                : failed(console, e, result.originalArgs()));
    return commandLine;
  }

  private static int usage(Console console, Exception e, CommandLine command) {
    console.error(Errors.oneLine(e));
    if (e instanceof ParameterException parameters) {
      UnmatchedArgumentException.printSuggestions(parameters, command.getErr());
    }
    CommandLine.Help help = command.getHelp();
    command.getErr().print("Usage: " + help.synopsis("Usage: ".length()));
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    command.getErr().flush();
    return USAGE;
  }

  private static int failed(Console console, Exception e, Iterable<String> args) {
    boolean bug = e instanceof RuntimeException;
    console.error(
        (bug ? "a bug of hawser (--debug says where): " + e.getClass().getSimpleName() + ": " : "")
            + Errors.oneLine(e));
    for (String arg : args) {
      if (arg.equals("--debug")) {
        e.printStackTrace(console.err());
      }
    }
    return FAILED;
  }
}
