package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java compiles as it stands. */
class ReadmeExampleTest {
  private static final String AROUND =
      """
      import dev.hawser.*;
      import java.net.http.*;
      import java.net.http.HttpResponse.BodyHandlers;
      import java.time.Duration;
      class Example {
        interface Log { void info(String format, Object... values); }
        void run(HttpRequest request, Log log) throws Exception {
      %s
        }
      }
      """;

  @Test
  void compiles(@TempDir Path dir) throws Exception {
    String readme = Files.readString(Path.of("").toAbsolutePath().getParent().resolve("README.md"));
    Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    int found = 0;
    while (blocks.find()) {
      found++;
      compile(dir, AROUND.formatted(blocks.group(1)));
    }
    assertThat(found).isPositive();
  }

  private static void compile(Path dir, String code) {
    var source =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    List<String> options =
        List.of("-d", dir.toString(), "-classpath", System.getProperty("java.class.path"));
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(null, null, diagnostics, options, null, List.of(source))
            .call();
    assertThat(compiled).as("%s", diagnostics.getDiagnostics()).isTrue();
  }
}
