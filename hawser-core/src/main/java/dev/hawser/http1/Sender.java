package dev.hawser.http1;

import dev.hawser.FileBody;
import dev.hawser.http1.RequestHead.Coding;
import dev.hawser.io.Buffers;
import dev.hawser.io.Transport;
import dev.hawser.wire.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request's body on a virtual thread of its own, so that the exchange's thread reads
 * meanwhile: a server may answer early, and its answer must not be lost (RFC 9112 9.5), nor may a
 * publisher that blocks hold up the exchange's deadline.
 */
final class Sender implements Runnable {
  /** At most so much is written at once, so that an early answer stops a large buffer, too. */
  private static final int SLICE = 128 * 1024;

  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Is told of progress, so that the deadline can follow it. */
  interface Progress {
    void sent();

    /** All is sent; the connection is still this exchange's. */
    void complete();

    /** All is sent; for those who need not hurry. */
    void completed();
  }

  private final Transport transport;
  private final RequestBody body;
  private final Coding coding;
  private final Progress progress;
  private final long continueNanos; // how long to wait for a 100; 0: not at all
  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean unwanted; // by the exchange's thread: a final answer came
  private volatile boolean complete; // by the sender
  private volatile @Nullable IOException failure; // by the sender
  private volatile @Nullable Thread thread; // by the exchange's thread

  Sender(
      Transport transport, RequestBody body, Coding coding, long continueNanos, Progress progress) {
    this.transport = transport;
    this.body = body;
    this.coding = coding;
    this.continueNanos = continueNanos;
    this.progress = progress;
  }

  void start() {
    thread = Thread.ofVirtual().name("hawser-send").start(this);
  }

  /** The server has said 100. */
  void goAhead() {
    go.countDown();
  }

  /**
   * The server wants no more of it. A write that is under way is left alone: ending it would close
   * the socket, and with it the answer.
   */
  void stop() {
    if (!complete) {
      unwanted = true;
      go.countDown();
      body.cancel();
    }
  }

  /** The exchange is over: ends whatever this blocks in. */
  void abort() {
    stop();
    Thread sending = thread;
    if (sending != null && !complete) {
      sending.interrupt();
    }
  }

  /**
   * Whether the whole body has been sent. The response can be here a moment before this thread has
   * noticed that its last write is done: such a moment is waited for.
   */
  boolean complete() {
    if (!complete && !unwanted) {
      try {
        boolean ignored = done.await(20, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return complete;
  }

  /** Why the body could not be sent, if the publisher is to blame. */
  @Nullable IOException publisherFailure() {
    return failure;
  }

  @Override
  public void run() {
    try {
      if (continueNanos > 0) {
        // Without an answer in time the body is sent all the same (RFC 9110 10.1.1).
        boolean ignored = go.await(continueNanos, TimeUnit.NANOSECONDS);
      }
      if (!unwanted) {
        FileBody file = body.file();
        if (file != null ? send(file) : send()) {
          progress.complete();
          complete = true; // after the deadline was set: from here on the connection may be another
          // exchange's
          progress.completed();
        }
      }
    } catch (RequestBody.PublisherFailedException | Buffers.BudgetExceededException e) {
      if (!unwanted) {
        failure = e;
        transport.close();
      }
    } catch (IOException | InterruptedException e) {
      // The exchange's thread learns more by reading: the server may have said why it hung up.
    } catch (RuntimeException | Error e) {
      failure =
          new RequestBody.PublisherFailedException("the request's body publisher threw " + e, e);
      transport.close();
    } finally {
      body.cancel();
      done.countDown();
    }
  }

  /** By the kernel, where it can; returns whether all of it was sent. */
  private boolean send(FileBody file) throws IOException {
    try (FileChannel content = open(file)) {
      long position = 0;
      while (position < body.declared()) {
        if (unwanted) {
          return false;
        }
        long count =
            transport.write(content, position, Math.min(SLICE, body.declared() - position));
        if (count == 0) {
          throw new RequestBody.PublisherFailedException(
              "%s has %d bytes, and had %d when the request was made"
                  .formatted(file, position, body.declared()),
              null);
        }
        position += count;
        progress.sent();
      }
    }
    return true;
  }

  private static FileChannel open(FileBody file) throws IOException {
    try {
      return FileChannel.open(file.path(), StandardOpenOption.READ);
    } catch (IOException e) {
      throw new RequestBody.PublisherFailedException("cannot read " + file + ": " + e, e);
    }
  }

  /** Returns whether all of it was sent. */
  private boolean send() throws IOException {
    body.begin();
    for (ByteBuffer bytes = body.pull(); bytes != null; bytes = body.pull()) {
      while (bytes.remaining() > SLICE) {
        ByteBuffer slice = bytes.slice(bytes.position(), SLICE);
        bytes.position(bytes.position() + SLICE);
        if (!write(List.of(slice))) {
          return false;
        }
      }
      if (!write(gather(bytes))) {
        return false;
      }
    }
    if (unwanted) {
      return false;
    }
    if (coding == Coding.CHUNKED) {
      transport.write(ByteBuffer.wrap(LAST_CHUNK));
    }
    return true;
  }

  /** What is there already goes out together. */
  private List<ByteBuffer> gather(ByteBuffer first) throws IOException {
    var parts = new ArrayList<ByteBuffer>();
    int total = 0;
    for (ByteBuffer part = first; part != null; part = total < SLICE ? body.poll() : null) {
      parts.add(part);
      total += part.remaining();
    }
    return parts;
  }

  /** In one write, and one chunk; false if nobody wants it any more. */
  private boolean write(List<ByteBuffer> parts) throws IOException {
    if (unwanted) {
      return false;
    }
    var wire = new ArrayList<ByteBuffer>(parts);
    if (coding == Coding.CHUNKED) {
      int total = parts.stream().mapToInt(ByteBuffer::remaining).sum();
      wire.addFirst(ascii(Integer.toHexString(total) + "\r\n"));
      wire.add(ascii("\r\n"));
    }
    transport.write(wire.toArray(ByteBuffer[]::new));
    progress.sent();
    return true;
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
