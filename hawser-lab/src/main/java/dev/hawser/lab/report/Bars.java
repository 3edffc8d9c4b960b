package dev.hawser.lab.report;

import dev.hawser.lab.Texts;
import java.util.List;

/**
 * One value of each client, in groups; shorter is better unless the text says otherwise.
 *
 * @param unit of the values
 */
public record Bars(String title, String says, String unit, List<Group> groups) implements Chart {
  private static final int LEFT = 250;
  private static final int RIGHT = 90;
  private static final int ROW = 20;
  private static final int HEAD = 26;
  private static final int TOP = 8;

  /** Bars that belong together. */
  public record Group(String name, List<Bar> bars) {
    /** Copies the list. */
    public Group {
      bars = List.copyOf(bars);
    }
  }

  /**
   * One value.
   *
   * @param ours whether it is Hawser's
   */
  public record Bar(String name, double value, boolean ours) {}

  /** Copies the list. */
  public Bars {
    groups = List.copyOf(groups);
  }

  @Override
  public String svg() {
    int rows = groups.stream().mapToInt(group -> group.bars().size()).sum();
    int height = TOP + groups.size() * (HEAD + 8) + rows * ROW;
    var svg = new Svg(height, this);
    double most =
        groups.stream()
            .flatMap(group -> group.bars().stream())
            .mapToDouble(Bar::value)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    var axis = new Axis(0, most, LEFT, Svg.WIDTH - RIGHT);
    double y = TOP;
    for (Group group : groups) {
      svg.text(8, y + 16, "head", group.name());
      y += HEAD;
      for (Bar bar : group.bars()) {
        svg.text(LEFT - 10, y + 14, "label end", bar.name());
        double end = Double.isFinite(bar.value()) ? axis.at(bar.value()) : LEFT;
        svg.rect(LEFT, y + 3, end - LEFT, ROW - 7, bar.ours() ? "bar ours" : "bar");
        svg.text(end + 6, y + 14, "tick", shown(bar.value()));
        y += ROW;
      }
      y += 8;
    }
    svg.line(LEFT, TOP + HEAD, LEFT, height - 8, "axis");
    return svg.end();
  }

  private String shown(double value) {
    return Texts.number(value) + (Double.isNaN(value) ? "" : " " + unit);
  }
}
