package dev.hawser.dns;

import dev.hawser.Phase;
import dev.hawser.dns.Entry.State;
import dev.hawser.dns.Reply.Status;
import dev.hawser.io.StageFailure;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Says why a name has no address, and what to look at. */
final class Unresolved {
  private final Duration timeout;
  private final Sources sources;

  Unresolved(Duration timeout, Sources sources) {
    this.timeout = timeout;
    this.sources = sources;
  }

  /** Nobody has answered in time. */
  StageFailure late(String host) {
    return StageFailure.timeout(
        Phase.DNS,
        "no answer for the name " + host + " in " + timeout.toMillis() + " ms",
        "Check the name servers of this machine ("
            + sources.describe()
            + "), or raise dns.timeout");
  }

  /** What has been answered, and by whom. */
  StageFailure why(View view, long now) {
    List<State> states = view.all().map(entry -> entry.state).toList();
    for (State state : states) {
      if (state.fresh(now)
          && state.known() != null
          && state.known().reply().status() == Status.NO_NAME) {
        return StageFailure.of(
            Phase.DNS,
            "unknown host %s: %s says that it does not exist"
                .formatted(view.host, state.known().reply().source()),
            "Check the name; `hawser dns " + view.host + "` shows who says what",
            null);
      }
    }
    String troubles =
        states.stream()
            .map(State::trouble)
            .filter(Objects::nonNull)
            .map(Entry.Trouble::problem)
            .distinct()
            .collect(Collectors.joining("; "));
    if (troubles.isEmpty()) {
      return StageFailure.of(
          Phase.DNS,
          view.host + " exists, and has no address",
          "Check its A and AAAA records",
          null);
    }
    return StageFailure.of(
        Phase.DNS,
        "cannot look up " + view.host + ": " + troubles,
        "Check the name servers (" + sources.describe() + ")",
        null);
  }
}
