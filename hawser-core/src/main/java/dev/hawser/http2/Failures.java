package dev.hawser.http2;

import dev.hawser.io.Buffers;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.NotProcessedException;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What an exchange fails with; each has one of its own, since each has a caller of its own. */
final class Failures {
  private Failures() {}

  /**
   * The connection has ended under it.
   *
   * @param code what the peer was told; null if it was not for what it has sent
   */
  static IOException ofConnection(
      @Nullable ErrorCode code, String problem, @Nullable IOException cause) {
    if (cause instanceof Buffers.BudgetExceededException) {
      return cause; // its advice is known to callers
    }
    if (code != null && code != ErrorCode.SETTINGS_TIMEOUT && code != ErrorCode.INTERNAL_ERROR) {
      return new MalformedResponseException(problem + " (" + code + ')');
    }
    IOException failure =
        cause instanceof EOFException ? new EOFException(problem) : new IOException(problem);
    if (cause != null) {
      failure.initCause(cause);
    }
    return failure;
  }

  /** The peer has reset the stream. */
  static IOException ofReset(int code) {
    if (ErrorCode.REFUSED_STREAM.is(code)) {
      return new NotProcessedException("the server refused the stream", false);
    }
    if (ErrorCode.HTTP_1_1_REQUIRED.is(code)) {
      return new NotProcessedException("the server requires HTTP/1.1", true);
    }
    return new IOException("the server reset the stream: " + ErrorCode.describe(code));
  }
}
