package dev.hawser.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;

/**
 * One HTTP client in a comparison, ready to call one server.
 *
 * <p>A peer is used the way its own users use it: a {@link Blocking} one is called from virtual
 * threads, an {@link Async} one issues the next request from the callback of the last. {@code
 * download} and {@code upload} return when the transfer is over, whatever the style.
 */
public sealed interface Peer extends AutoCloseable permits Peer.Blocking, Peer.Async {
  /** Gets {@code uri}, streams the body and throws it away; returns its length. */
  long download(URI uri) throws Exception;

  /** Puts {@code file}, streamed, with its length announced; returns the status. */
  int upload(URI uri, Path file) throws Exception;

  @Override
  void close() throws Exception;

  /** A client whose calls wait for the answer. */
  non-sealed interface Blocking extends Peer {
    /** One small GET of the target; returns the whole body. Anything but a 200 is an error. */
    byte[] get() throws Exception;

    /** Whether its callers are platform threads, not virtual ones. */
    default boolean onPlatformThreads() {
      return false;
    }
  }

  /** A client that calls back. */
  non-sealed interface Async extends Peer {
    /** One small GET of the target; {@code answer} is told once. */
    void get(Answer answer);
  }

  /** Who waits for an asynchronous answer. */
  interface Answer {
    void done(int status, byte[] body);

    void failed(Throwable cause);
  }

  /**
   * What all peers are told.
   *
   * @param http2 whether to speak that and nothing else, all callers on one connection
   */
  record Target(URI uri, int callers, boolean http2) {
    boolean secure() {
      return "https".equals(uri.getScheme());
    }
  }

  /** Reads to the end and returns the number of bytes. */
  static long drain(InputStream in) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long total = 0;
    for (int n; (n = in.read(buffer)) >= 0; ) {
      total += n;
    }
    return total;
  }

  /** Fails unless the status is 200. */
  static void ok(int status) throws IOException {
    if (status != 200) {
      throw new IOException("status " + status);
    }
  }
}
