package dev.hawser.exchange;

import dev.hawser.Phase;
import dev.hawser.Timeline;
import dev.hawser.connect.Attempt;
import dev.hawser.wire.Exchange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When things happened in one call, summed over its redirects and repeats. Written by the thread
 * that runs the call; a second try beside the first has its own.
 */
final class Times {
  private final long startedAt;
  private long queue;
  private long dns;
  private long connect;
  private long proxy;
  private long tls;
  private long request;
  private long firstByte;
  private long bodyBegan;
  private long backoff;
  private boolean reused;
  private volatile long endedAt; // publishes the others

  Times(long startedAt) {
    this.startedAt = startedAt;
  }

  /**
   * A wait for a connection has ended; what was spent on the attempt made for it is not queueing.
   */
  void leased(long waited, @Nullable Attempt attempt, long now) {
    long left = waited;
    if (attempt != null) {
      // An attempt begun for another caller may be older than this one's wait.
      long inTls = Math.min(left, attempt.nanos(Phase.TLS, now));
      left -= inTls;
      long inProxy = Math.min(left, attempt.nanos(Phase.PROXY, now));
      left -= inProxy;
      long inConnect = Math.min(left, attempt.nanos(Phase.CONNECT, now));
      left -= inConnect;
      long inDns = Math.min(left, attempt.nanos(Phase.DNS, now));
      left -= inDns;
      tls += inTls;
      proxy += inProxy;
      connect += inConnect;
      dns += inDns;
    }
    queue += left;
  }

  /** A wait for the host's limit has ended. */
  void queued(long nanos) {
    queue += nanos;
  }

  void reused(boolean wasReused) {
    reused = wasReused;
  }

  /** The head of a response has come ({@code answered}), or the exchange has failed before. */
  void exchanged(Exchange exchange, long leasedAt, long now, boolean answered) {
    long sent = exchange.requestSentAt();
    long first = exchange.firstByteAt();
    if (!answered) {
      request += (sent == 0 ? now : sent) - leasedAt;
      firstByte += sent == 0 ? 0 : now - sent;
    } else {
      long end =
          sent == 0 || sent > first
              ? first
              : sent; // the answer may come before the whole request is sent
      request += end - leasedAt;
      firstByte += first - end;
      bodyBegan = first;
    }
  }

  /** It was waited before the request is sent again. */
  void backedOff(long nanos) {
    backoff += nanos;
  }

  /**
   * The second of two tries was answered first; its times are those of the call from when it was
   * begun.
   */
  void overtakenBy(Times second) {
    queue += second.queue;
    dns += second.dns;
    connect += second.connect;
    proxy += second.proxy;
    tls += second.tls;
    request += second.request;
    firstByte += second.firstByte;
    bodyBegan = second.bodyBegan;
    reused = second.reused;
  }

  void ended(long now) {
    endedAt = now;
  }

  long firstByteNanos() {
    return firstByte;
  }

  Timeline timeline(long now) {
    long end = endedAt == 0 ? now : endedAt;
    return new Timeline(
        Duration.ofNanos(queue),
        Duration.ofNanos(dns),
        Duration.ofNanos(connect),
        Duration.ofNanos(proxy),
        Duration.ofNanos(tls),
        Duration.ofNanos(request),
        Duration.ofNanos(firstByte),
        Duration.ofNanos(bodyBegan == 0 ? 0 : end - bodyBegan),
        Duration.ofNanos(backoff),
        Duration.ofNanos(end - startedAt),
        reused);
  }
}
