package dev.hawser.lab.report;

import dev.hawser.lab.Experiment;
import dev.hawser.lab.Figure;
import dev.hawser.lab.Figures;
import dev.hawser.lab.Parameter;
import dev.hawser.lab.Result;
import dev.hawser.lab.Scale;
import dev.hawser.lab.Subject;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/** What was found, as one page that needs nothing from anywhere. */
public final class Report {
  private final Environment environment;
  private final List<Result> results;
  private final StringBuilder out = new StringBuilder();

  private Report(Environment environment, List<Result> results) {
    this.environment = environment;
    this.results = List.copyOf(results);
  }

  /** Writes the page. */
  public static String html(Environment environment, List<Result> results) {
    return new Report(environment, results).page();
  }

  private String page() {
    out.append(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Hawser: the fault lab</title>
        <style>
        """);
    out.append(stylesheet()).append("</style>\n</head>\n<body>\n<main>\n");
    head();
    for (Experiment experiment : experiments()) {
      section(experiment, of(experiment));
    }
    environment();
    return out.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String stylesheet() {
    try (InputStream in = Report.class.getResourceAsStream("/dev/hawser/lab/report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SequencedSet<Experiment> experiments() {
    var experiments = new LinkedHashSet<Experiment>();
    results.forEach(result -> experiments.add(result.experiment()));
    return experiments;
  }

  private SequencedSet<Subject> subjects() {
    var subjects = new LinkedHashSet<Subject>();
    results.forEach(result -> subjects.add(result.subject()));
    return subjects;
  }

  private List<Result> of(Experiment experiment) {
    return results.stream().filter(result -> result.experiment().equals(experiment)).toList();
  }

  // ---- the head

  private void head() {
    element("h1", "The fault lab");
    element(
        "p class=\"lead\"",
        "HTTP clients look fine until a server closes a connection, a name moves or a handshake"
            + " hangs. Each experiment below makes one of these happen, on real sockets, to"
            + " several Java clients in their defaults, and judges all of them by one rule.");
    long ours = results.stream().filter(result -> result.subject().judged()).count();
    long held = results.stream().filter(r -> r.subject().judged() && r.verdict().held()).count();
    if (ours > 0) {
      element("p", "Hawser held in %d of %d.".formatted(held, ours));
    }
    matrix();
  }

  private void matrix() {
    out.append("<div class=\"scroll\"><table>\n");
    element("caption", "Who held");
    out.append("<thead><tr><th scope=\"col\">Experiment</th>");
    List<Subject> subjects = subjects().stream().filter(Report::hasColumn).toList();
    subjects.forEach(subject -> element("th scope=\"col\"", subject.title()));
    out.append("</tr></thead>\n<tbody>\n");
    for (Experiment experiment : experiments()) {
      out.append("<tr><th scope=\"row\"><a href=\"#%s\">".formatted(Html.escape(experiment.id())));
      text(experiment.title()).append("</a></th>");
      for (Subject subject : subjects) {
        out.append("<td>");
        result(experiment, subject)
            .ifPresent(
                result -> {
                  verdict(result.verdict());
                  element("div class=\"faint\"", result.verdict().why());
                });
        if (subject.setup() == Setup.DEFAULTS) {
          bare(experiment, subject.client());
        }
        out.append("</td>");
      }
      out.append("</tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }

  /** A column for one experiment would be empty for the others. */
  private static boolean hasColumn(Subject subject) {
    return subject.setup() != Setup.BARE;
  }

  private Optional<Result> result(Experiment experiment, Subject subject) {
    return of(experiment).stream().filter(each -> each.subject().equals(subject)).findFirst();
  }

  private void bare(Experiment experiment, Client client) {
    result(experiment, new Subject(client, Setup.BARE))
        .ifPresent(
            result -> {
              element("div class=\"faint\"", result.subject().title() + ":");
              verdict(result.verdict());
            });
  }

  private void verdict(Verdict verdict) {
    element(
        "span class=\"%s\"".formatted(verdict.word()),
        (verdict.held() ? "✓ " : "✗ ") + verdict.word());
  }

  // ---- one experiment

  private void section(Experiment experiment, List<Result> of) {
    out.append("<section id=\"%s\">\n".formatted(Html.escape(experiment.id())));
    element("h2", experiment.title());
    element("p", experiment.story());
    labelled("Hypothesis", experiment.hypothesis());
    labelled("Held, when", experiment.rule());
    for (Chart chart : experiment.charts(environment.scale(), of)) {
      out.append("<figure>");
      element("h3", chart.title());
      out.append(chart.svg());
      element("figcaption", chart.says());
      out.append("</figure>\n");
    }
    figures(of);
    verdicts(of);
    set(experiment, of);
    parameters(experiment);
    element("h3", "To repeat it");
    out.append("<pre><code>");
    text(command(experiment, of)).append("</code></pre>\n</section>\n");
  }

  private void labelled(String label, String text) {
    out.append("<p><strong>").append(label).append(":</strong> ");
    text(text).append("</p>\n");
  }

  private void figures(List<Result> of) {
    var columns = new LinkedHashSet<String>();
    of.forEach(r -> r.figures().values().forEach(figure -> columns.add(figure.name())));
    if (columns.isEmpty()) {
      return;
    }
    element("h3", "Figures");
    out.append("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Measured</th>");
    of.forEach(result -> element("th scope=\"col\"", result.subject().title()));
    out.append("</tr></thead>\n<tbody>\n");
    for (String column : columns) {
      out.append("<tr>");
      element("th scope=\"row\"", says(of, column));
      for (Result result : of) {
        element("td class=\"number\"", result.figures().shown(column));
      }
      out.append("</tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }

  private static String says(List<Result> of, String column) {
    return of.stream()
        .flatMap(result -> result.figures().values().stream())
        .filter(figure -> figure.name().equals(column))
        .map(Figure::says)
        .findFirst()
        .orElse(column);
  }

  private void verdicts(List<Result> of) {
    element("h3", "Verdicts");
    out.append("<div class=\"scroll\"><table>\n<thead><tr>");
    List.of("Client", "Verdict", "Why").forEach(head -> element("th scope=\"col\"", head));
    out.append("</tr></thead>\n<tbody>\n");
    for (Result result : of) {
      out.append(result.subject().ours() ? "<tr class=\"ours\">" : "<tr>");
      element("th scope=\"row\"", result.subject().title());
      out.append("<td>");
      verdict(result.verdict());
      out.append("</td><td>");
      text(result.verdict().why());
      for (Figures.Note note : result.figures().notes()) {
        out.append("<div class=\"faint\">");
        text(note.says() + ": ").append("<code>");
        text(note.text()).append("</code></div>");
      }
      out.append("</td></tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }

  private void set(Experiment experiment, List<Result> of) {
    element("h3", "What was set");
    out.append("<ul class=\"set\">\n");
    for (Result result : of) {
      element(
          "li",
          result.subject().title()
              + ": "
              + (result.set().isEmpty() ? "nothing" : String.join("; ", result.set())));
    }
    out.append("</ul>\n");
    element(
        "p class=\"faint\"",
        "Each call had the client's own time-out for a request. All ran on the JDK's TLS."
            + " Each client had a process of its own, up to "
            + experiment.sideBySide()
            + " of them at a time.");
  }

  private void parameters(Experiment experiment) {
    element("h3", "Parameters");
    out.append("<dl>");
    for (Parameter<?> parameter : experiment.parameters()) {
      element("dt", parameter.name());
      element("dd", parameter.shown(environment.scale()));
    }
    out.append("</dl>\n");
  }

  private String command(Experiment experiment, List<Result> of) {
    boolean best = of.stream().anyMatch(result -> result.subject().setup() == Setup.BEST);
    return "./hawser lab "
        + experiment.id()
        + (environment.scale() == Scale.QUICK ? " --quick" : "")
        + (best ? " --best" : "")
        + clients(of)
        + " --seed "
        + environment.seed();
  }

  /** Those that took part, if not all did. */
  private static String clients(List<Result> of) {
    List<Client> clients = of.stream().map(result -> result.subject().client()).distinct().toList();
    return clients.size() == Client.values().length
        ? ""
        : " --clients " + clients.stream().map(Client::id).collect(Collectors.joining(","));
  }

  // ---- the end

  private void environment() {
    element("h2", "Where this was measured");
    out.append("<dl>");
    environment
        .rows()
        .forEach(
            (name, value) -> {
              element("dt", name);
              element("dd", value);
            });
    out.append("</dl>\n");
    element(
        "p class=\"faint\"",
        "Clients and servers shared this machine and its loopback interface: compare clients with"
            + " each other, not with another machine.");
  }

  /** A tag, with attributes of ours, and a text of anybody's. */
  private void element(String tag, String text) {
    out.append('<').append(tag).append('>');
    text(text).append("</").append(tag.split(" ", 2)[0]).append(">\n");
  }

  private StringBuilder text(String text) {
    return out.append(Html.escape(text));
  }
}
