package dev.hawser.http2;

import dev.hawser.io.Ticker;

/**
 * Bounds the frames that cost us work and bring nothing (RFC 9113 10.5): a bucket of tokens that
 * fills again slowly. Well-behaved servers stay far below; a flood empties it within milliseconds.
 * Reader only.
 */
final class Floods {
  /** As nghttp2 does it for servers: a burst, then a rate that no real peer needs. */
  private static final int BURST = 1_000;

  private static final int PER_SECOND = 50;

  private final Ticker ticker;
  private int tokens = BURST;
  private long filledAt;

  Floods(Ticker ticker) {
    this.ticker = ticker;
    this.filledAt = ticker.nanos();
  }

  /** Such a frame has come. */
  void count(String frames) throws ConnectionError {
    if (tokens == 0) {
      fill();
    }
    if (tokens == 0) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a flood of " + frames);
    }
    tokens--;
  }

  /** So many such frames are what our own have given rise to. */
  void expect(int frames) {
    tokens = Math.min(BURST, tokens + frames);
  }

  private void fill() {
    long now = ticker.nanos();
    long due = (now - filledAt) / 1_000_000 * PER_SECOND / 1_000;
    if (due > 0) {
      tokens = (int) Math.min(due, BURST);
      filledAt = now;
    }
  }
}
