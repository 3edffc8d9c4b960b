package dev.hawser;

/**
 * What the HTTP/1.1 parser accepts; beyond a limit the exchange fails and the connection is closed.
 *
 * {@snippet class="dev.hawser.examples.Options" region="http1"}
 *
 * @param maxStatusLine bytes of the status line
 * @param maxHeaderBytes bytes of a header or trailer section, without the status line; servers stop
 *     at 8 to 64 KiB
 * @param maxHeaders field lines of a header or trailer section
 * @param maxChunkExtension bytes of the extensions of one chunk
 * @param maxInterim interim (1xx) responses before the final one
 */
public record Http1Options(
    int maxStatusLine, int maxHeaderBytes, int maxHeaders, int maxChunkExtension, int maxInterim) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final Http1Options DEFAULTS = new Http1Options(8_192, 65_536, 256, 4_096, 16);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public Http1Options {
    Checks.atLeast("http1.maxStatusLine", maxStatusLine, 16);
    Checks.atLeast("http1.maxHeaderBytes", maxHeaderBytes, 128);
    Checks.atLeast("http1.maxHeaders", maxHeaders, 1);
    Checks.atLeast("http1.maxChunkExtension", maxChunkExtension, 0);
    Checks.atLeast("http1.maxInterim", maxInterim, 0);
  }

  /**
   * {@return these options with another {@link #maxStatusLine()}}
   *
   * @param maxStatusLine the new value
   */
  public Http1Options maxStatusLine(int maxStatusLine) {
    return new Http1Options(
        maxStatusLine, maxHeaderBytes, maxHeaders, maxChunkExtension, maxInterim);
  }

  /**
   * {@return these options with another {@link #maxHeaderBytes()}}
   *
   * @param maxHeaderBytes the new value
   */
  public Http1Options maxHeaderBytes(int maxHeaderBytes) {
    return new Http1Options(
        maxStatusLine, maxHeaderBytes, maxHeaders, maxChunkExtension, maxInterim);
  }

  /**
   * {@return these options with another {@link #maxHeaders()}}
   *
   * @param maxHeaders the new value
   */
  public Http1Options maxHeaders(int maxHeaders) {
    return new Http1Options(
        maxStatusLine, maxHeaderBytes, maxHeaders, maxChunkExtension, maxInterim);
  }

  /**
   * {@return these options with another {@link #maxChunkExtension()}}
   *
   * @param maxChunkExtension the new value
   */
  public Http1Options maxChunkExtension(int maxChunkExtension) {
    return new Http1Options(
        maxStatusLine, maxHeaderBytes, maxHeaders, maxChunkExtension, maxInterim);
  }

  /**
   * {@return these options with another {@link #maxInterim()}}
   *
   * @param maxInterim the new value
   */
  public Http1Options maxInterim(int maxInterim) {
    return new Http1Options(
        maxStatusLine, maxHeaderBytes, maxHeaders, maxChunkExtension, maxInterim);
  }
}
