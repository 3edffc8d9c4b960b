package dev.hawser;

import java.time.Duration;

/**
 * Name resolution. {@snippet : Hawser.newBuilder().dns(d -> d.timeout(Duration.ofSeconds(2))) }
 *
 * @param timeout how long one look-up may take; the system's resolver has no deadline of its own that a JVM could see
 */
public record DnsOptions(Duration timeout) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final DnsOptions DEFAULTS =
      new DnsOptions(Duration.ofSeconds(5));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public DnsOptions {
    Checks.positive("dns.timeout", timeout);
  }

  /** Returns these options with another {@link #timeout()}. */
  public DnsOptions timeout(Duration timeout) {
    return new DnsOptions(timeout);
  }

}
