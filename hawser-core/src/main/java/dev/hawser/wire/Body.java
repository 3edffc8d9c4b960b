package dev.hawser.wire;

import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as it comes in. The buffers that it returns are the caller's to keep. One
 * thread at a time.
 */
public interface Body {
  /**
   * Returns more of the body, at least one byte, or null at its end. Blocks until something has
   * come.
   *
   * @throws EOFException if the connection ends before the body does
   */
  @Nullable ByteBuffer next() throws IOException;

  /** Whether the whole body has been returned, as far as can be told without blocking. */
  boolean atEnd();

  /** Whether {@link #next} will not block. */
  boolean ready();

  /** The fields that came after the body; complete once it has ended. */
  HttpHeaders trailers();
}
