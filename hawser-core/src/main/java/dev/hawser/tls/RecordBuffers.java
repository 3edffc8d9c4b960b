package dev.hawser.tls;

import dev.hawser.io.Buffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a connection's records, each of a record's size and within the client's budget:
 * taken when needed, given back while the connection is idle, unless they hold part of a record.
 * That for sending has room for some records while there is much to send.
 */
final class RecordBuffers {
  /** A system call for each record costs about as much as its encryption. */
  private static final int TOGETHER = 4;

  private final Buffers budget;
  private final TlsLibrary library;
  private final int size;

  private @Nullable ByteBuffer received; // reader
  private @Nullable ByteBuffer plaintext; // reader
  private @Nullable ByteBuffer outgoing; // writer
  private int room; // writer: what of it is reserved
  private boolean released; // writer: all of it
  private volatile boolean closed; // by who releases all of it: for good

  RecordBuffers(Buffers budget, TlsLibrary library, int size) {
    this.budget = budget;
    this.library = library;
    this.size = size;
  }

  /** Records not yet unwrapped, ready to be read from. For the reader. */
  ByteBuffer received() throws IOException {
    ByteBuffer records = received;
    if (records == null) {
      records = take();
      received = records;
    }
    return records;
  }

  /** What did not fit the caller's buffer, ready to be read from. For the reader. */
  ByteBuffer plaintext() throws IOException {
    ByteBuffer plain = plaintext;
    if (plain == null) {
      plain = take();
      plaintext = plain;
    }
    return plain;
  }

  /**
   * What is about to be sent. For the writer.
   *
   * @param several whether it is more than one record
   */
  ByteBuffer outgoing(boolean several) throws IOException {
    if (closed) { // nobody would give back what a sender that comes late takes
      throw new ClosedChannelException();
    }
    int wanted = several ? TOGETHER * size : size;
    ByteBuffer records = outgoing;
    if (records == null || room != wanted) {
      budget.reserve(wanted);
      releaseOutgoing(true);
      records = library.newBuffer(wanted);
      outgoing = records;
      room = wanted;
    }
    return records;
  }

  /** Empty, ready to be read from. */
  private ByteBuffer take() throws IOException {
    if (closed) { // nobody would give back what one who comes late takes
      throw new ClosedChannelException();
    }
    budget.reserve(size);
    return library.newBuffer(size).limit(0);
  }

  /** {@link #plaintext()}, if there is any. */
  @Nullable ByteBuffer plaintextLeft() {
    return has(plaintext) ? plaintext : null;
  }

  /** {@link #received()}, if there is any. */
  @Nullable ByteBuffer receivedLeft() {
    return has(received) ? received : null;
  }

  private static boolean has(@Nullable ByteBuffer buffer) {
    return buffer != null && buffer.hasRemaining();
  }

  /**
   * Gives back what the reader needs no longer.
   *
   * @param open whether there may be more to read; else all is given back
   * @param unused whether it is certain that no thread uses it
   */
  void releaseReading(boolean open, boolean unused) {
    if (!open) {
      closed = true;
    }
    if (!open || !has(received)) {
      release(received, size, unused);
      received = null;
    }
    if (!open || !has(plaintext)) {
      release(plaintext, size, unused);
      plaintext = null;
    }
  }

  /**
   * Gives back what the writer needs no longer.
   *
   * @param open whether there may be more to write
   * @param unused whether it is certain that no thread uses it
   * @return whether this is the first time that nothing more is to be written
   */
  boolean releaseWriting(boolean open, boolean unused) {
    boolean first = !open && !released;
    released |= !open;
    releaseOutgoing(unused);
    return first;
  }

  private void releaseOutgoing(boolean unused) {
    release(outgoing, room, unused);
    outgoing = null;
  }

  private void release(@Nullable ByteBuffer buffer, int reserved, boolean unused) {
    if (buffer != null) {
      budget.unreserve(reserved);
      if (unused) {
        library.recycle(buffer);
      }
    }
  }
}
