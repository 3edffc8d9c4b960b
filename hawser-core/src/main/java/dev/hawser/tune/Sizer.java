package dev.hawser.tune;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.ExchangeEvent.Resized.Observed;
import dev.hawser.PoolOptions;
import org.jspecify.annotations.Nullable;

/**
 * Sizes one host's pool from its {@link Traffic}. Called under the pool's lock, again and again:
 * {@link #look} says what is to change, mostly nothing.
 */
public abstract sealed class Sizer permits AdaptiveSizer, LittleSizer {
  /** How often the slow loop looks. */
  static final long WINDOW = 10_000_000_000L;

  final PoolOptions options; // the outer limits
  final Traffic traffic;
  private Size size;

  Sizer(PoolOptions options, long now) {
    this.options = options;
    this.traffic = new Traffic(now);
    this.size = fixed(options);
  }

  /** One for a new host; null where sizes are fixed. */
  public static @Nullable Sizer of(PoolOptions options, long now) {
    return switch (options.sizing()) {
      case FIXED -> null;
      case LITTLE -> new LittleSizer(options, now);
      case ADAPTIVE -> new AdaptiveSizer(options, now);
    };
  }

  /** As the options say. */
  public static Size fixed(PoolOptions options) {
    return new Size(options.minIdlePerHost(), options.maxIdlePerHost(), options.idleTimeout());
  }

  /** A decision and what it is made from. */
  public record Decision(Loop loop, Size before, Size after, Observed observed) {}

  /** What the host has besides. */
  public record Pool(int open, int waiting) {}

  /** Looks at what has come since the last look. */
  public abstract @Nullable Decision look(Pool pool, long now);

  /** When to look next: soon while callers come, later while they do not. */
  public abstract long nextLook(long now);

  /** What holds now. */
  public final Size size() {
    return size;
  }

  /** Where requests are counted in. */
  public final Traffic traffic() {
    return traffic;
  }

  /** How many idle ones to keep at this moment. */
  public abstract int maxIdle();

  /** So many are opened because somebody asked for them: they are not too many. */
  public final void expect(int count) {
    size =
        new Size(
            size.minIdle(),
            Math.max(size.maxIdle(), Math.min(count, options.maxIdlePerHost())),
            size.idleTimeout());
  }

  /** Decides on a size, if it is another one. */
  final @Nullable Decision decide(Loop loop, Size after, Observed observed) {
    Size before = size;
    if (after.equals(before)) {
      return null;
    }
    size = after;
    return new Decision(loop, before, after, observed);
  }
}
