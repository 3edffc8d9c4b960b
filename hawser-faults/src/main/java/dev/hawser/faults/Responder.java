package dev.hawser.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Answers a request in the words of its protocol. Call {@link #begin}, {@link #field} as often as
 * needed, and then one of those that end the answer.
 */
interface Responder {
  /** Begins an answer; the connection ends with it if either side wants that. */
  Responder begin(int status, boolean closing) throws IOException;

  default Responder begin(int status) throws IOException {
    return begin(status, false);
  }

  Responder field(String name, String value) throws IOException;

  /** Ends with a text. */
  default void text(String text) throws IOException {
    field("Content-Type", "text/plain; charset=utf-8");
    body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Ends with a body. */
  void body(byte[] body) throws IOException;

  /** Ends without a body, for a status that has none. */
  void nothing() throws IOException;

  /** Ends with so many letters. */
  void letters(long count) throws IOException;

  /** Ends the head; so many bytes follow, each by {@link #letter}. */
  void length(long count) throws IOException;

  /** Sends one byte of a body on its own. */
  void letter(long position) throws IOException;

  /** Ends the head; pieces follow whose number is not known. */
  void chunks() throws IOException;

  /** Sends pieces of letters, position by position as {@link #letters} does. */
  void letterChunks(long count, int chunk) throws IOException;

  /** Sends one piece. */
  void chunk(byte[] bytes, int offset, int count) throws IOException;

  /** Ends the pieces; the trailers are lines with their ends. */
  void lastChunk(String trailers) throws IOException;

  /** Sends what has gathered. */
  void flush() throws IOException;
}
