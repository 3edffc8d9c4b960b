package dev.hawser.http2;

import java.util.concurrent.locks.LockSupport;

/**
 * Holds the reader back for a moment while responses trickle in on a busy connection, as a network
 * card holds back its interrupts. A server that sends each response as soon as it has it (nginx: in
 * clear text by two system calls each) would else have the reader wake for every one: with 64
 * callers on one core a request then costs twice the CPU.
 *
 * <p>It is done only while responses come so fast that some will be there after the pause, and so
 * many are outstanding that the server does not run out of work meanwhile: with few callers never.
 * A response is late by the pause at most. Reader only.
 */
final class Moderation {
  /** A shorter one gathers less than the timer of a virtual thread costs: two requests' worth. */
  private static final long PAUSE = 100_000;

  private static final int ENOUGH = 8 * 1024; // bytes: a read of so many is worth its cost
  private static final long LEAST_GATHERED = 4; // responses, in a pause
  private static final long MOST_AT_ONCE = 3; // a read for a third of those outstanding is enough
  private static final long PAUSES_OF_WORK = 4; // that the server has left

  private long readAt;

  /**
   * Pauses if that pays.
   *
   * @param bytes how many the last read has brought
   * @param responses how many streams they were for
   * @param now when it was
   * @param open how many streams are open, now that those who had waited for it have gone on
   */
  void afterRead(int bytes, int responses, long now, int open) {
    if (pays(bytes, responses, now, open)) {
      LockSupport.parkNanos(this, PAUSE);
    }
  }

  boolean pays(int bytes, int responses, long now, int open) {
    long elapsed = now - readAt; // since the read before
    readAt = now;
    boolean fast = responses * PAUSE > LEAST_GATHERED * elapsed;
    boolean few = bytes < ENOUGH && open > MOST_AT_ONCE * responses;
    boolean outstanding = open * elapsed > PAUSES_OF_WORK * PAUSE * responses;
    return fast && few && outstanding;
  }
}
