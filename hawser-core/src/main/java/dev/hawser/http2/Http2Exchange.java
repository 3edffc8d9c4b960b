package dev.hawser.http2;

import dev.hawser.ExchangeOptions;
import dev.hawser.Origin;
import dev.hawser.io.Ticker;
import dev.hawser.wire.Body;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Request;
import dev.hawser.wire.RequestBody;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a stream. The caller's thread appends the request, waits for the
 * response's head and takes its body; a request body that could block is sent by a {@link
 * BodySender}.
 */
final class Http2Exchange implements Exchange {
  /** A body of up to here that is there at once goes out with its head. */
  private static final int WHOLE = Frames.LEAST_MAX_SIZE;

  private final Http2Connection connection;
  private final Http2Stream stream;
  private final ExchangeOptions options;
  private final Ticker ticker;
  private final long deadline;
  private final Progress progress;
  private final boolean sent; // before HTTP/2 was spoken, or it is the server's own

  private @Nullable RequestBody requestBody;
  private @Nullable Http2Body body;
  private volatile @Nullable BodySender sender; // by the exchange's thread
  private volatile @Nullable IOException publisherFailure; // by the sender
  private volatile long requestSentAt; // also by the sender

  Http2Exchange(
      Http2Connection connection,
      Http2Stream stream,
      ExchangeOptions options,
      long deadline,
      Progress progress) {
    this.connection = connection;
    this.stream = stream;
    this.options = options;
    this.ticker = connection.ticker();
    this.deadline = deadline;
    this.progress = progress;
    this.sent = stream.id() != 0;
  }

  // ---- request

  @Override
  public ResponseInfo exchange(Origin origin, Request request) throws IOException {
    if (sent) {
      within(options.headTimeout().toNanos());
      requestSent(ticker.nanos());
    } else {
      send(origin, request);
    }
    Http2Head head = stream.awaitHead();
    while (head == null) {
      interim(stream.takeInterim());
      head = stream.awaitHead();
    }
    body = new Http2Body(connection, stream);
    BodySender sending = sender;
    if (sending != null && head.statusCode() >= 300) {
      sending.stop();
    }
    return head;
  }

  private void interim(int status) {
    BodySender sending = sender;
    if (status == 100 && sending != null) {
      sending.goAhead();
    }
    progress.interim(status);
  }

  private void send(Origin origin, Request request) throws IOException {
    stream.toHead = request.method().equals("HEAD");
    stream.pushTaker = Http2Stream.PushTaker.of(origin, progress);
    BodyPublisher publisher = request.body();
    if (publisher == null) {
      open(origin, request, -1, null);
      return;
    }
    var content = new RequestBody(publisher);
    requestBody = content;
    long length = content.declared();
    if (length == 0) {
      open(origin, request, expectsBody(request) ? 0 : -1, null);
      return;
    }
    ByteBuffer whole =
        content.immediate() && length <= WHOLE && !request.expectContinue()
            ? pull(content, (int) length)
            : null;
    within(options.headTimeout().toNanos());
    var fields = new RequestFields(connection.authority(origin), request, length, true);
    long appending = ticker.nanos();
    connection.streams().open(stream, fields, false, whole);
    if (whole != null && !whole.hasRemaining()) {
      requestSent(appending);
    } else {
      sendConcurrently(content, whole, request.expectContinue());
    }
  }

  private void open(Origin origin, Request request, long length, @Nullable ByteBuffer whole)
      throws IOException {
    var fields = new RequestFields(connection.authority(origin), request, length, false);
    within(options.headTimeout().toNanos());
    long appending = ticker.nanos();
    connection.streams().open(stream, fields, true, whole);
    requestSent(appending);
  }

  /** A method that expects a body says that there is none (RFC 9110 8.6). */
  private static boolean expectsBody(Request request) {
    return switch (request.method()) {
      case "GET", "HEAD", "DELETE", "OPTIONS", "TRACE" -> false;
      default -> true;
    };
  }

  /** All of a body that is there at once; mostly one buffer. */
  private static ByteBuffer pull(RequestBody content, int length) throws IOException {
    content.begin();
    ByteBuffer first = content.pull();
    ByteBuffer more = first == null ? null : content.pull();
    if (first != null && more == null) {
      return first;
    }
    ByteBuffer whole = ByteBuffer.allocate(length);
    if (first != null) {
      whole.put(first);
    }
    while (more != null) {
      whole.put(more);
      more = content.pull();
    }
    return whole.flip();
  }

  /**
   * The writer has it. On a busy machine the answer may be here before this thread runs again: what
   * counts is when it was appended.
   */
  private void requestSent(long at) {
    requestSentAt = at;
    progress.requestSent();
  }

  private void sendConcurrently(
      RequestBody content, @Nullable ByteBuffer whole, boolean expectContinue) {
    long continueNanos = expectContinue ? options.continueTimeout().toNanos() : 0;
    var sending =
        new BodySender(connection, stream, content, whole, continueNanos, new SendProgress());
    sender = sending;
    within(continueNanos + options.bodyIdleTimeout().toNanos());
    sending.start();
  }

  /** The deadline follows the request's body; once it is sent, the head's begins. */
  private final class SendProgress implements BodySender.Progress {
    @Override
    public void sent() {
      within(options.bodyIdleTimeout().toNanos());
    }

    @Override
    public void complete() {
      requestSentAt = ticker.nanos();
      if (stream.firstByteAt() == 0) {
        within(options.headTimeout().toNanos());
      }
      progress.requestSent();
    }

    @Override
    public void failed(IOException reason) {
      publisherFailure = reason;
      stream.fail(reason);
      connection.streams().reset(stream, ErrorCode.CANCEL);
    }
  }

  private void within(long nanos) {
    connection.deadline(stream, Math.min(deadline, Ticker.after(ticker.nanos(), nanos)));
  }

  // ---- response

  @Override
  public Body body() {
    if (body == null) {
      throw new IllegalStateException("no response yet");
    }
    return body;
  }

  @Override
  public void awaitBody() {
    within(options.bodyIdleTimeout().toNanos());
  }

  @Override
  public void awaitConsumer() {
    connection.deadline(stream, deadline);
  }

  /** {@inheritDoc} It can, whatever becomes of a stream. */
  @Override
  public boolean awaitRest(int most, long nanos) {
    return false;
  }

  // ---- afterwards

  /** {@inheritDoc} What is left of the request's body is not sent. */
  @Override
  public boolean finish() {
    abandon();
    return connection.isOpen();
  }

  /** {@inheritDoc} A frame too many is the connection's matter. */
  @Override
  public boolean surplus() {
    return false;
  }

  @Override
  public void abandon() {
    stream.deadline(Ticker.NEVER);
    BodySender sending = sender;
    if (sending != null) {
      sending.stop();
    }
    connection.streams().reset(stream, ErrorCode.CANCEL);
    stream.drop();
  }

  @Override
  public void cancel() {
    stream.fail(new IOException("the exchange was cancelled"));
    BodySender sending = sender;
    if (sending != null) {
      sending.stop();
    }
    connection.streams().reset(stream, ErrorCode.CANCEL);
  }

  @Override
  public boolean expired() {
    return stream.expired();
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public void onClose(@Nullable Runnable action) {
    stream.onClose(action);
  }

  @Override
  public boolean repeatable() {
    return requestBody == null || requestBody.repeatable();
  }

  @Override
  public @Nullable IOException publisherFailure() {
    return publisherFailure;
  }

  @Override
  public boolean nothingSent() {
    return !sent && !connection.sentAnything(stream);
  }

  @Override
  public boolean nothingReceived() {
    return stream.firstByteAt() == 0;
  }

  @Override
  public long requestSentAt() {
    return requestSentAt;
  }

  @Override
  public long firstByteAt() {
    return stream.firstByteAt();
  }

  /** {@inheritDoc} Servers say it by GOAWAY when the time has come. */
  @Override
  public long idleHintNanos() {
    return Ticker.NEVER;
  }
}
