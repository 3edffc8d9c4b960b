package dev.hawser.faults;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The body of one request. A client that waits for a 100 gets it when the body is first read. */
final class RequestBody extends InputStream {
  private static final int MOST_HEX_DIGITS = 15;

  private final RequestReader reader;
  private final Http1Responder responder;
  private final boolean chunked;
  private boolean continueWanted;
  private boolean firstChunk = true;
  private boolean ended;
  private long left; // of the body, or of this chunk

  RequestBody(RequestReader reader, RequestHead head, Http1Responder responder) {
    this.reader = reader;
    this.responder = responder;
    this.chunked = head.chunked();
    this.continueWanted = head.expectsContinue() && head.hasBody();
    this.left = head.length();
    this.ended = !head.hasBody();
  }

  /** Whether nothing of it is left on the wire. */
  boolean isRead() {
    return ended;
  }

  /** Reads the rest if it is not too long; whether all of it is read. */
  boolean passOver(int most) throws IOException {
    if (continueWanted) {
      return false; // whether it comes is not known
    }
    byte[] passedOver = new byte[8192];
    for (long read = 0; read < most && !ended; ) {
      read += Math.max(0, read(passedOver, 0, passedOver.length));
    }
    return ended;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    if (continueWanted) {
      continueWanted = false;
      responder.sendContinue();
    }
    if (chunked && left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int got = reader.read(bytes, offset, (int) Math.min(count, left));
    if (got < 0) {
      throw new EOFException("the client closed within the body");
    }
    left -= got;
    ended = !chunked && left == 0;
    return got;
  }

  private void nextChunk() throws IOException {
    if (!firstChunk && !reader.readLine().isEmpty()) {
      throw new BadRequestException(400, "no line end behind a chunk");
    }
    firstChunk = false;
    String size = reader.readLine().split(";", 2)[0].strip();
    if (size.isEmpty()
        || size.length() > MOST_HEX_DIGITS
        || !size.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
      throw new BadRequestException(400, "chunk size " + size);
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      while (!reader.readLine().isEmpty()) {
        // trailers, passed over
      }
      ended = true;
    }
  }
}
