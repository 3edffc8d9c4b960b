package dev.hawser;

/**
 * Whether the client asks for compressed bodies and decompresses them: gzip and deflate, and with
 * their libraries beside this one br ({@code org.brotli:dec}) and zstd ({@code
 * io.airlift:aircompressor-v3}).
 *
 * <p>A request that has an {@code Accept-Encoding} or a {@code Range} of its own is left alone, and
 * so is its response. Of a response that was decompressed {@code Content-Encoding} and {@code
 * Content-Length}, which are true of the compressed body only, are not shown. A response to HEAD, a
 * 204 or a 304 has no body and keeps its headers; so does one whose coding is unknown.
 *
 * {@snippet class="dev.hawser.examples.Options" region="decompression"}
 *
 * @param enabled off by default, as with the JDK's client: headers and bodies are then what the
 *     server sent
 * @param maxBytes that a body may expand to; 1 GiB, far more than one that is collected can have
 * @param maxRatio how many times larger than its compressed form a body may be, from 1 MiB on; 200,
 *     which text and JSON do not come near, and a bomb far exceeds
 */
public record DecompressionOptions(boolean enabled, long maxBytes, int maxRatio) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final DecompressionOptions DEFAULTS =
      new DecompressionOptions(false, 1L << 30, 200);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public DecompressionOptions {
    Checks.atLeast("decompression.maxBytes", maxBytes, 1);
    Checks.atLeast("decompression.maxRatio", maxRatio, 1);
  }

  /**
   * {@return these options with another {@link #enabled()}}
   *
   * @param enabled the new value
   */
  public DecompressionOptions enabled(boolean enabled) {
    return new DecompressionOptions(enabled, maxBytes, maxRatio);
  }

  /**
   * {@return these options with another {@link #maxBytes()}}
   *
   * @param maxBytes the new value
   */
  public DecompressionOptions maxBytes(long maxBytes) {
    return new DecompressionOptions(enabled, maxBytes, maxRatio);
  }

  /**
   * {@return these options with another {@link #maxRatio()}}
   *
   * @param maxRatio the new value
   */
  public DecompressionOptions maxRatio(int maxRatio) {
    return new DecompressionOptions(enabled, maxBytes, maxRatio);
  }
}
