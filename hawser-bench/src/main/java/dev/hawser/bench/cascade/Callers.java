package dev.hawser.bench.cascade;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Callers of the gateway, over bare sockets, so that no client stands between the measurement and
 * the gateway. Some ask once a second, or as soon as they have their answer if that took longer; so
 * many of them can be under way and no more. Others come at a rate, whatever becomes of those
 * before them, as the world outside does: only with these can work pile up without a bound.
 */
final class Callers {
  private static final long PERIOD = 1_000_000_000;
  private static final int PATIENCE_MILLIS = 10_000;

  /**
   * One answer.
   *
   * @param at when it came, in nanoseconds since the start
   * @param took since the request
   * @param status 0 if there was none
   */
  record Answer(long at, long took, int status) {
    boolean good() {
      return status == 200;
    }
  }

  private final int port;
  private final long start;
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Deque<Wire> idle = new ConcurrentLinkedDeque<>(); // of those who do not wait

  Callers(int port, long start) {
    this.port = port;
    this.start = start;
  }

  /** Some more callers, from now until {@code end}. */
  void add(int count, long end) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofVirtual().start(() -> call(end)));
    }
  }

  /** So many calls a second, from now on until {@code end}, whatever becomes of them. */
  void arrive(int perSecond, long end) {
    threads.add(Thread.ofVirtual().start(() -> bring(perSecond, end)));
  }

  List<Answer> await() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(answers);
  }

  private void call(long end) {
    long due = System.nanoTime() + ThreadLocalRandom.current().nextLong(PERIOD);
    int user = ThreadLocalRandom.current().nextInt(100_000);
    while (due < end) {
      try (var wire = new Wire(port, PATIENCE_MILLIS, PATIENCE_MILLIS)) {
        while (due < end) {
          sleepUntil(due);
          long asked = System.nanoTime();
          int status = get(wire, "/?" + user);
          long now = System.nanoTime();
          answers.add(new Answer(now - start, now - asked, status));
          due = Math.max(now, due + PERIOD);
        }
      } catch (IOException e) {
        long now = System.nanoTime();
        answers.add(new Answer(now - start, Math.max(0, now - due), 0));
        due = Math.max(now, due + PERIOD);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void bring(int perSecond, long end) {
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long due = System.nanoTime(); due < end; due += PERIOD / perSecond) {
        sleepUntil(due);
        calls.execute(this::callOnce);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      idle.forEach(Callers::close);
    }
  }

  private void callOnce() {
    long asked = System.nanoTime();
    int status = 0;
    try {
      Wire kept = idle.pollFirst();
      Wire wire = kept != null ? kept : new Wire(port, PATIENCE_MILLIS, PATIENCE_MILLIS);
      try {
        status = get(wire, "/?" + ThreadLocalRandom.current().nextInt(100_000));
        idle.addFirst(wire);
      } finally {
        if (status == 0) {
          close(wire);
        }
      }
    } catch (IOException e) {
      // Said by its status.
    }
    long now = System.nanoTime();
    answers.add(new Answer(now - start, now - asked, status));
  }

  private static void close(Wire wire) {
    try {
      wire.close();
    } catch (IOException e) {
      // It was of no use any more.
    }
  }

  private static void sleepUntil(long due) throws InterruptedException {
    long left = due - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  /** The status; the body is read and thrown away. */
  private static int get(Wire wire, String target) throws IOException {
    wire.write("GET " + target + " HTTP/1.1\r\nHost: gateway\r\n\r\n");
    int status = Integer.parseInt(wire.line().substring(9, 12));
    long length = 0;
    for (String line = wire.line(); !line.isEmpty(); line = wire.line()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Long.parseLong(line.substring(15).strip());
      }
    }
    wire.skip(length);
    return status;
  }
}
