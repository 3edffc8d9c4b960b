package dev.hawser.pool;

import dev.hawser.CloseReason;
import java.util.ArrayList;
import java.util.List;

/** What was decided under the pool's lock and is done after it: threads woken, connections begun, connections closed. */
final class Decisions {
  record Doomed(Connection connection, CloseReason reason) {}

  final List<Waiter> toWake = new ArrayList<>(1);
  final List<Dial> toDial = new ArrayList<>(1);
  final List<Doomed> toClose = new ArrayList<>(1);
}
