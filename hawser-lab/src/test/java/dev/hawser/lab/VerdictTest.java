package dev.hawser.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures, and what is made of them. */
class VerdictTest {
  @Test
  void saysAllThatWasWrong() {
    Verdict verdict =
        Verdict.rule().unless(true, "one").unless(false, "two").unless(true, "three").held("well");
    assertThat(verdict).isEqualTo(Verdict.failed("one; three"));
    assertThat(verdict.word()).isEqualTo("failed");
    assertThat(Verdict.rule().unless(false, "one").held("well")).isEqualTo(Verdict.held("well"));
  }

  @Test
  void everyExperimentFailsWithFiguresThatAreBad() {
    for (Experiment experiment : Experiments.all()) {
      var figures = new Figures().add("calls", 100, "", "calls");
      for (String name :
          List.of(
              "failed",
              "failed-posts",
              "failed-ttl1",
              "hung",
              "others-failed",
              "left-failed",
              "unnamed")) {
        figures.add(name, 3, "", "failed");
      }
      figures.add("last-old-ttl1", 1.5, "s", "last").add("recovery", 3, "s", "recovered after");
      figures.add("read-failed", 0, "", "").add("closed-failed", 0, "", "");
      assertThat(experiment.verdict(figures).held()).as(experiment.id()).isFalse();
      assertThat(experiment.verdict(figures).why()).as(experiment.id()).contains("3");
    }
  }

  @Test
  void whatIsNotThereIsNoNumber() {
    Figures figures =
        new Figures().add("a", 2, "s", "it").note("n", "words", "a\nb").note("e", "", "");
    assertThat(figures.get("a")).isEqualTo(2);
    assertThat(figures.shown("a")).isEqualTo("2 s");
    assertThat(figures.get("b")).isNaN();
    assertThat(figures.shown("b")).isEqualTo("-");
    assertThat(figures.text("n")).isEqualTo("a b");
    assertThat(figures.notes()).hasSize(1);
    assertThat(figures.series("x").points()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "12,12",
    "0.1234,0.123",
    "12.34,12.3",
    "123.4,123",
    "1234.4,'1,234'",
    "0.00001,0"
  })
  void numbersHaveThreeDigits(double value, String shown) {
    assertThat(Texts.number(value)).isEqualTo(shown);
  }

  @Test
  void durationsAreWritten() {
    assertThat(Texts.duration(Duration.ofMillis(250))).isEqualTo("250 ms");
    assertThat(Texts.duration(Duration.ofMillis(2200))).isEqualTo("2.2 s");
    assertThat(Texts.duration(Duration.ofMinutes(3))).isEqualTo("3 min");
    assertThat(new Parameter<>("x", List.of(Duration.ZERO), List.of(1, 2)).shown(Scale.FULL))
        .isEqualTo("1, 2");
  }
}
