package dev.hawser.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A line for each client, a column for each figure that somebody has. */
final class Table {
  private record Column(String title, Function<String, String> cell) {}

  private final List<Column> columns = new ArrayList<>();

  Table column(String title, Function<String, String> cell) {
    columns.add(new Column(title, cell));
    return this;
  }

  /** A number that is left out where there is none. */
  Table column(String title, String format, ToDoubleFunction<String> figure) {
    return column(title, client -> show(format, figure.applyAsDouble(client)));
  }

  static String show(String format, double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "";
  }

  String of(Collection<String> clients) {
    List<List<String>> cells = new ArrayList<>();
    List<Column> shown =
        columns.stream()
            .filter(column -> !clients.stream().allMatch(c -> column.cell.apply(c).isBlank()))
            .toList();
    cells.add(shown.stream().map(Column::title).toList());
    for (String client : clients) {
      cells.add(shown.stream().map(column -> column.cell.apply(client)).toList());
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int at = i;
        int width = cells.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
        String blank = " ".repeat(width - row.get(i).length());
        line.append(i < 2 ? row.get(i) + blank : blank + row.get(i)).append("  ");
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
