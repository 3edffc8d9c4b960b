package dev.hawser.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MakeTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void theDocumentSaysWhatIsTested() throws Exception {
    String columns = "|" + "---|".repeat(Behaviour.values().length + 2);
    String table =
        Stream.concat(Stream.of(Make.head(), columns), Arrays.stream(Make.values()).map(Make::row))
            .collect(Collectors.joining("\n"));

    assertThat(Files.readString(ROOT.resolve("docs/compatibility.md"))).contains(table + "\n");
  }

  @Test
  void eachHasItsTest() throws Exception {
    for (Make make : Make.values()) {
      String name = make.name().charAt(0) + make.name().substring(1).toLowerCase();
      assertThat(Class.forName("dev.hawser.interop." + name + "InteropTest"))
          .isAssignableTo(Interop.class);
    }
  }
}
