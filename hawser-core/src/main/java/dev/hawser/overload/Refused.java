package dev.hawser.overload;

import dev.hawser.Refusal;
import java.time.Duration;

/** A request is not to be sent, to spare its host. Has no stack trace: it may come often. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Refusal refusal;
  private final transient Duration left;

  Refused(Refusal refusal, long leftNanos) {
    super(refusal.toString(), null, false, false);
    this.refusal = refusal;
    this.left = Duration.ofNanos(leftNanos);
  }

  public Refusal refusal() {
    return refusal;
  }

  /** For how long yet others will be refused, as far as that is known. */
  public Duration left() {
    return left;
  }
}
