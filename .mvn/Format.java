import com.google.googlejavaformat.java.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over all Java files of all modules; the parent pom starts it, on the JDK
 * that compiles, since the formatter is as old as the javac within it. {@code check ROOT} lists
 * what is not formatted and fails, {@code write ROOT} formats it.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[1]).toRealPath();
    List<String> unformatted = unformatted(sources(root));
    if (args[0].equals("write")) {
      // What the formatter wraps at first it may join at the second pass; so until nothing changes.
      for (int pass = 0; !unformatted.isEmpty() && pass < 5; pass++) {
        run(List.of("--replace"), unformatted);
        unformatted = unformatted(unformatted);
      }
    }
    if (!unformatted.isEmpty()) {
      unformatted.forEach(
          file -> System.err.println("not formatted: " + root.relativize(Path.of(file))));
      System.err.println("Format with:  ./mvnw -q -N -Pformat validate");
      System.exit(1);
    }
  }

  private static List<String> unformatted(List<String> files) throws Exception {
    return run(List.of("--dry-run"), files);
  }

  /** Ends the program where a file is no Java: the formatter has said where and why. */
  private static List<String> run(List<String> options, List<String> files) throws Exception {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(files);
    var listed = new ByteArrayOutputStream();
    var err = new PrintWriter(System.err, true); // stays open, as System.err does
    int exit;
    try (var out = new PrintWriter(listed, true, StandardCharsets.UTF_8)) {
      exit =
          new Main(out, err, InputStream.nullInputStream())
              .format(arguments.toArray(String[]::new));
    }
    if (exit != 0) {
      System.exit(exit);
    }
    return listed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static List<String> sources(Path root) throws IOException {
    List<String> found = new ArrayList<>();
    found.add(root.resolve(".mvn/Format.java").toString());
    try (var modules =
        Files.newDirectoryStream(root, module -> Files.isDirectory(module.resolve("src")))) {
      for (Path module : modules) {
        try (var files = Files.walk(module.resolve("src"))) {
          files
              .map(Path::toString)
              .filter(file -> file.endsWith(".java"))
              .sorted()
              .forEach(found::add);
        }
      }
    }
    return found;
  }
}
