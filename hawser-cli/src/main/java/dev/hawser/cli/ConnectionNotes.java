package dev.hawser.cli;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.ExchangeListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Notes what happens to connections between exchanges and under them, for the report. */
final class ConnectionNotes implements ExchangeListener {
  /** No news to who sees the exchange, or the end of the command. */
  private static final Set<CloseReason> EXPECTED =
      Set.of(CloseReason.CLIENT_CLOSED, CloseReason.EXCHANGE_FAILED);

  private final Queue<String> notes = new ConcurrentLinkedQueue<>();

  @Override
  public void on(ExchangeEvent event) {
    switch (event) {
      case ExchangeEvent.Closed closed when !EXPECTED.contains(closed.reason()) ->
          notes.add(text(closed.connection(), "closed", closed.reason().text()));
      case ExchangeEvent.Repeated repeated ->
          notes.add(
              "connection %d was found closed: the request is sent once more on a fresh one"
                  .formatted(repeated.connection().id()));
      case ExchangeEvent.IdleLimitLearned learned ->
          notes.add(
              "the server closes idle connections after about %s: from now on they are reused only before that"
                  .formatted(Durations.written(learned.limit())));
      default -> {}
    }
  }

  /** Takes the notes made since the last time. */
  List<String> take() {
    var taken = new ArrayList<String>();
    for (String note = notes.poll(); note != null; note = notes.poll()) {
      taken.add(note);
    }
    return taken;
  }

  private static String text(ConnectionInfo connection, String what, String why) {
    return "connection %d %s after %s ms: %s"
        .formatted(connection.id(), what, Durations.shown(connection.age()), why);
  }
}
