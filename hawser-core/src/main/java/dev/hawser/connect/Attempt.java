package dev.hawser.connect;

import dev.hawser.Phase;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How far the making of one connection has come. Written by the thread that makes it; read by callers who wait for it, so
 * that they can say for what.
 */
public final class Attempt {
  private volatile Phase phase = Phase.DNS;
  private volatile @Nullable InetSocketAddress address;
  private volatile long dnsNanos;
  private volatile long connectNanos;
  private volatile long tlsNanos;

  /** The present stage. */
  public Phase phase() {
    return phase;
  }

  /** The address being tried, or that was tried last. */
  public @Nullable InetSocketAddress address() {
    return address;
  }

  /** Time of the look-up; 0 until it has ended. */
  public long dnsNanos() {
    return dnsNanos;
  }

  /** Time of the TCP connect, addresses that failed included; 0 until it has ended. */
  public long connectNanos() {
    return connectNanos;
  }

  /** Time of the TLS handshake; 0 until it has ended. */
  public long tlsNanos() {
    return tlsNanos;
  }

  void resolved(long nanos) {
    dnsNanos = nanos;
    phase = Phase.CONNECT;
  }

  void trying(InetSocketAddress candidate) {
    address = candidate;
  }

  void connected(long nanos) {
    connectNanos = nanos;
    phase = Phase.TLS;
  }

  void secured(long nanos) {
    tlsNanos = nanos;
  }
}
