package dev.hawser;

/**
 * How much a request matters when its host can bear no more at once ({@link LimitOptions}): who
 * matters more is sent first, and who matters less is refused first. The server is told nothing of
 * it.
 *
 * <p>It belongs to what the thread does, and so reaches requests that a framework makes, wherever
 * on the thread that is. {@code sendAsync} takes that of the thread which calls it.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="priority"}
 */
public enum Priority {
  /** What can be done later as well: batches, prefetching. */
  LOW,
  /** What is not said to be anything else. */
  NORMAL,
  /** What somebody waits for, or without which others fail: health checks, payments. */
  HIGH;

  private static final ScopedValue<Priority> CURRENT = ScopedValue.newInstance();

  /**
   * Runs something, whose requests have this priority.
   *
   * @param action what to run, on this thread
   */
  public void run(Runnable action) {
    ScopedValue.where(CURRENT, this).run(action);
  }

  /**
   * Runs something, whose requests have this priority, and returns its result.
   *
   * @param action what to run, on this thread
   * @param <T> the result
   * @param <X> what it may throw
   * @return what it returns
   * @throws X what it throws
   */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> action) throws X {
    return ScopedValue.where(CURRENT, this).call(action);
  }

  /** {@return the priority of requests that this thread sends now} */
  public static Priority current() {
    return CURRENT.orElse(NORMAL);
  }
}
