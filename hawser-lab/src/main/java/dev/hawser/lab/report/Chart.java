package dev.hawser.lab.report;

/**
 * A picture of figures, as SVG that stands in the page. Its colours are the page's ({@code
 * report.css}), so that they fit a light, a dark and a printed one; none is the only sign of
 * anything.
 */
public sealed interface Chart permits Bars, Courses, Histogram, Lines, Strip {
  /** What is seen. */
  String title();

  /** How it is to be read, and what is worth a look; also for those who cannot see it. */
  String says();

  /** The picture. */
  String svg();

  /** A moment worth a line across the chart. */
  record Marker(double x, String label) {}
}
