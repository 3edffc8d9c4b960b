package dev.hawser.lab.report;

import java.util.ArrayList;
import java.util.List;

/** From values to pixels. */
record Axis(double from, double to, double start, double end) {
  private static final int TICKS = 6;

  /** Never empty. */
  Axis {
    if (!(to > from)) {
      to = from + 1;
    }
  }

  double at(double value) {
    return start + (Math.clamp(value, from, to) - from) / (to - from) * (end - start);
  }

  /** Round values, about six of them. */
  List<Double> ticks() {
    double rough = (to - from) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {2, 5, 10}) {
      if (step < rough) {
        step = power * factor;
      }
    }
    var ticks = new ArrayList<Double>();
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
