package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hawser.ContainerLoad;
import dev.hawser.Hawser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real control group with half a CPU, and a process in it that wants two. */
@Tag("real-servers")
@Timeout(60)
class ControlGroupTest {
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/cpu");
  private static final Path ACCOUNTS = Path.of("/sys/fs/cgroup/cpuacct"); // of version 1
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

  private final List<Path> groups = new ArrayList<>();

  @BeforeEach
  void make() throws IOException {
    try {
      if (Files.isDirectory(VERSION_1)) {
        Path group = group(VERSION_1);
        Files.writeString(group.resolve("cpu.cfs_period_us"), "100000");
        Files.writeString(group.resolve("cpu.cfs_quota_us"), "50000");
        if (!Files.isSameFile(VERSION_1, ACCOUNTS)) {
          group(ACCOUNTS);
        }
      } else {
        Files.writeString(group(VERSION_2).resolve("cpu.max"), "50000 100000");
      }
    } catch (IOException e) {
      assumeThat(e).as("control groups can be made here").isNull();
    }
  }

  private Path group(Path hierarchy) throws IOException {
    Path made = hierarchy.resolve("hawser-" + ProcessHandle.current().pid());
    groups.add(Files.createDirectory(made));
    return made;
  }

  @AfterEach
  void remove() throws IOException {
    for (Path group : groups) {
      Files.delete(group);
    }
  }

  @Test
  void aQuotaThatIsUsedUpIsSeen() throws Exception {
    String java = System.getProperty("java.home") + "/bin/java";
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "for group in $0; do echo $$ > $group/cgroup.procs || exit; done; exec \"$@\"",
                groups.stream().map(Path::toString).collect(Collectors.joining(" ")),
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Busy.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();

    assertThat(said).as("cpus, quota, utilisation, throttled periods").hasSize(4);
    assertThat(said.get(0)).isEqualTo("0.5");
    assertThat(said.get(1)).isEqualTo("true");
    assertThat(Double.parseDouble(said.get(2))).isBetween(0.5, 1.5); // of a shared machine
    assertThat(Long.parseLong(said.get(3))).isPositive();
  }

  /** Wants two CPUs for a while, and says what its client's snapshot says. */
  static final class Busy {
    private Busy() {}

    public static void main(String[] args) throws InterruptedException {
      try (var client = Hawser.newHttpClient()) {
        ContainerLoad before = client.snapshot().container();
        List<Thread> burning =
            List.of(Thread.ofPlatform().start(Busy::burn), Thread.ofPlatform().start(Busy::burn));
        for (Thread thread : burning) {
          thread.join();
        }
        ContainerLoad after = client.snapshot().container();
        System.out.println(after.cpus());
        System.out.println(after.quota());
        System.out.println(after.cpuUtilisation().orElse(Double.NaN));
        System.out.println(
            after.throttling().orElseThrow().throttledPeriods()
                - before.throttling().orElseThrow().throttledPeriods());
      }
    }

    private static void burn() {
      long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }
}
