package dev.hawser.container;

import dev.hawser.ContainerLoad.Pressure;
import java.time.Duration;
import java.util.Optional;

/** Pressure stall information, as the kernel's {@code accounting/psi.rst} has it. */
final class PressureFile {
  private PressureFile() {}

  /**
   * One line of it: {@code some avg10=1.50 avg60=1.20 avg300=0.70 total=123456}, shares in percent,
   * the total in microseconds.
   */
  private record Line(double avg10, Duration total) {
    static Optional<Line> of(KernelFile file, String kind) {
      return file.lines().stream()
          .map(line -> line.split(" ", -1))
          .filter(words -> words.length == 5 && words[0].equals(kind))
          .flatMap(words -> parse(words[1], words[4]).stream())
          .findFirst();
    }

    private static Optional<Line> parse(String avg10, String total) {
      try {
        double percent = Double.parseDouble(avg10.replaceFirst("^avg10=", ""));
        return percent >= 0 && percent <= 100
            ? KernelFile.parse(total.replaceFirst("^total=", ""))
                .map(micros -> new Line(percent / 100, Container.ofMicros(micros)))
            : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
  }

  static Optional<Pressure> read(KernelFile file, boolean ofMachine) {
    // Before Linux 5.13 there is no line for "full" of the CPU.
    double full = Line.of(file, "full").map(Line::avg10).orElse(0.0);
    return Line.of(file, "some")
        .map(some -> new Pressure(some.avg10(), full, some.total(), ofMachine));
  }
}
