package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * What was decided under the pool's lock and is done after it: threads woken, connections begun,
 * connections closed, listeners told. Mostly nothing, and then it costs nothing more than itself.
 */
final class Decisions {
  record Doomed(Connection connection, CloseReason reason) {}

  private List<Waiter> toWake = List.of();
  private List<Dial> toDial = List.of();
  private List<Doomed> toClose = List.of();
  private List<ExchangeEvent.Resized> toTell = List.of();

  void resized(ExchangeEvent.Resized event) {
    toTell = with(toTell, event);
  }

  void wake(Waiter waiter) {
    toWake = with(toWake, waiter);
  }

  void begin(Dial dial) {
    toDial = with(toDial, dial);
  }

  void close(Connection connection, CloseReason reason) {
    toClose = with(toClose, new Doomed(connection, reason));
  }

  List<Waiter> toWake() {
    return toWake;
  }

  List<Dial> toDial() {
    return toDial;
  }

  List<Doomed> toClose() {
    return toClose;
  }

  List<ExchangeEvent.Resized> toTell() {
    return toTell;
  }

  private static <E> List<E> with(List<E> list, E element) {
    List<E> grown = list.isEmpty() ? new ArrayList<>(2) : list;
    grown.add(element);
    return grown;
  }
}
