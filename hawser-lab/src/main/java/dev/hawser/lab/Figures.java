package dev.hawser.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an experiment measured with one client: values, series for its charts, and words, such as
 * the first error's. Filled by one thread.
 *
 * {@snippet :
 * new Figures()
 *     .add("failed", failed, "", "calls that failed")
 *     .add("p99", 12.3, "ms", "99 of 100 calls took no longer")
 *     .note("error", "what the first failed call said", error)
 * }
 */
public final class Figures {
  /** Words that go with the figures. */
  public record Note(String name, String says, String text) {}

  private final Map<String, Figure> values = new LinkedHashMap<>();
  private final Map<String, Series> series = new LinkedHashMap<>();
  private final List<Note> notes = new ArrayList<>();

  /** Adds a value. */
  public Figures add(String name, double value, String unit, String says) {
    values.put(name, new Figure(name, value, unit, says));
    return this;
  }

  /** Adds a series for the charts. */
  public Figures add(Series added) {
    series.put(added.name(), added);
    return this;
  }

  /** Adds words; none if there are none. */
  public Figures note(String name, String says, String text) {
    if (!text.isEmpty()) {
      notes.add(new Note(name, says, Texts.line(text)));
    }
    return this;
  }

  /** The value of this name; NaN if there is none. */
  public double get(String name) {
    Figure figure = values.get(name);
    return figure == null ? Double.NaN : figure.value();
  }

  /** The value of this name as it is shown. */
  public String shown(String name) {
    Figure figure = values.get(name);
    return figure == null ? "-" : figure.shown();
  }

  /** The series of this name; empty if there is none. */
  public Series series(String name) {
    return series.getOrDefault(name, new Series(name, List.of()));
  }

  /** All values, in the order they were added. */
  public List<Figure> values() {
    return List.copyOf(values.values());
  }

  /** All words. */
  public List<Note> notes() {
    return List.copyOf(notes);
  }

  /** The words of this name; empty if there are none. */
  public String text(String name) {
    return notes.stream()
        .filter(note -> note.name().equals(name))
        .map(Note::text)
        .findFirst()
        .orElse("");
  }
}
