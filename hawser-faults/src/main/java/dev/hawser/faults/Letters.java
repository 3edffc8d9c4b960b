package dev.hawser.faults;

/** The bodies of the {@link OriginServer}: a to z again and again. */
final class Letters {
  /** Its length is a multiple of 26, so that blocks join. */
  static final byte[] BLOCK = new byte[26 * 2520];

  static {
    for (int i = 0; i < BLOCK.length; i++) {
      BLOCK[i] = (byte) ('a' + i % 26);
    }
  }

  private Letters() {}
}
