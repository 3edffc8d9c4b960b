package dev.hawser.lab;

/**
 * One value that was measured.
 *
 * @param name in kebab case, unique within the experiment; programs find it by that
 * @param value {@link Double#NaN} if it could not be measured
 * @param unit {@code s}, {@code ms}, {@code %} or, of what is counted, nothing
 * @param says what it is, for people
 */
public record Figure(String name, double value, String unit, String says) {
  /** Value and unit, for people. */
  public String shown() {
    return Texts.number(value) + (unit.isEmpty() || Double.isNaN(value) ? "" : " " + unit);
  }
}
