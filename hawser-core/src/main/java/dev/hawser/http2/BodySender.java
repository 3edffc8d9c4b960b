package dev.hawser.http2;

import dev.hawser.io.Buffers;
import dev.hawser.wire.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request's body on a virtual thread of its own, so that a publisher or a window that
 * blocks does not hold up the response: a server may answer early, or as it reads.
 */
final class BodySender implements Runnable {
  /** Is told of progress, so that the deadline can follow it. */
  interface Progress {
    void sent();

    void complete();

    /** The publisher is to blame: the exchange cannot go on. */
    void failed(IOException reason);
  }

  private final Http2Connection connection;
  private final Http2Stream stream;
  private final RequestBody body;
  private final @Nullable ByteBuffer pulled; // the whole body, if it has been pulled already
  private final Progress progress;
  private final long continueNanos; // how long to wait for a 100; 0: not at all
  private final CountDownLatch go = new CountDownLatch(1);
  private volatile boolean unwanted; // by the exchange's thread, or whoever cancels
  private volatile boolean complete; // by the sender
  private volatile @Nullable Thread thread; // by the exchange's thread

  BodySender(
      Http2Connection connection,
      Http2Stream stream,
      RequestBody body,
      @Nullable ByteBuffer pulled,
      long continueNanos,
      Progress progress) {
    this.connection = connection;
    this.stream = stream;
    this.body = body;
    this.pulled = pulled;
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

  /** Nobody wants more of it: ends whatever this blocks in. */
  void stop() {
    if (!complete) {
      unwanted = true;
      go.countDown();
      body.cancel();
      Thread sending = thread;
      if (sending != null) {
        sending.interrupt();
      }
    }
  }

  boolean complete() {
    return complete;
  }

  @Override
  public void run() {
    try {
      if (continueNanos > 0) {
        // Without an answer in time the body is sent all the same (RFC 9110 10.1.1).
        boolean ignored = go.await(continueNanos, TimeUnit.NANOSECONDS);
      }
      if (!unwanted && send() && connection.streams().sendEnd(stream)) {
        complete = true;
        progress.complete();
      }
    } catch (RequestBody.PublisherFailedException | Buffers.BudgetExceededException e) {
      failed(e);
    } catch (IOException | InterruptedException e) {
      // It was stopped, or the stream has ended: its exchange knows why.
    } catch (RuntimeException | Error e) {
      failed(
          new RequestBody.PublisherFailedException("the request's body publisher threw " + e, e));
    } finally {
      body.cancel();
    }
  }

  private void failed(IOException reason) {
    if (!unwanted) {
      progress.failed(reason);
    }
  }

  private boolean send() throws IOException {
    if (pulled != null) {
      return send(pulled);
    }
    body.begin();
    for (ByteBuffer bytes = body.pull(); bytes != null; bytes = body.pull()) {
      if (!send(bytes)) {
        return false;
      }
    }
    return true;
  }

  /** Returns false when the peer wants no more. */
  private boolean send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (unwanted || !connection.streams().send(stream, bytes)) {
        return false;
      }
      progress.sent();
    }
    return true;
  }
}
