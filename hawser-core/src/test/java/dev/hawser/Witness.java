package dev.hawser;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Remembers the events of a client, and lets a test wait for what they bring about. */
final class Witness implements ExchangeListener {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ExchangeEvent> events = new ArrayList<>(); // guarded by lock

  @Override
  public void on(ExchangeEvent event) {
    lock.lock();
    try {
      events.add(event);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The events of this kind, in order. */
  <E extends ExchangeEvent> List<E> all(Class<E> kind) {
    lock.lock();
    try {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many events of this kind came; returns whether they did. */
  boolean await(Class<? extends ExchangeEvent> kind, int count, Duration patience)
      throws InterruptedException {
    return await(() -> all(kind).size() >= count, patience);
  }

  /** Waits until a condition holds that only changes with an event; returns whether it does. */
  boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
