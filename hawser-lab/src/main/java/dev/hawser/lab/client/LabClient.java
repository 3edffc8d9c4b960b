package dev.hawser.lab.client;

import java.io.IOException;
import java.io.InputStream;

/** A client as its users use it: calls block, on virtual threads, many at once. */
public interface LabClient extends AutoCloseable {
  /** Calls, and does with the body as asked. */
  Answer call(Request request) throws Exception;

  @Override
  void close() throws Exception;

  /** A byte, if there is one. */
  static void readSome(InputStream body) throws IOException {
    int first = body.read();
    if (first < 0) {
      throw new IOException("a body was expected");
    }
  }
}
