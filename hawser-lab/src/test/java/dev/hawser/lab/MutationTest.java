package dev.hawser.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each experiment can tell a Hawser that works from one with a defect. Both are looked at at the
 * same time.
 */
@Timeout(120)
class MutationTest {
  @TempDir private Path folder;

  static List<String> experiments() {
    return Experiments.all().stream().map(Experiment::id).toList();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void fails(String id) throws Exception {
    Experiment experiment = Experiments.of(id).orElseThrow();
    Mutant.write(experiment.mutation(), folder);
    try (Lab well = Lab.open(Scale.QUICK, 1);
        Lab broken = Lab.open(Scale.QUICK, 1, folder);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      var starting = new Phaser(2);
      Future<Result> held = threads.submit(() -> result(well, experiment, starting));
      Future<Result> failed = threads.submit(() -> result(broken, experiment, starting));

      assertThat(held.get().verdict().held()).as(held.get().verdict().why()).isTrue();
      assertThat(failed.get().verdict().held())
          .as("%s, and yet %s", experiment.mutation().says(), failed.get().verdict().why())
          .isFalse();
      assertThat(failed.get().verdict().why()).doesNotContain("could not be made");
    }
  }

  private static Result result(Lab lab, Experiment experiment, Phaser starting)
      throws InterruptedException {
    return new Trial(lab, experiment, new Subject(Client.HAWSER, Setup.DEFAULTS), starting).run();
  }
}
