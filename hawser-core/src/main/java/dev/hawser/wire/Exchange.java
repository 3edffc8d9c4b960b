package dev.hawser.wire;

import dev.hawser.Origin;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response. One thread at a time runs it, blocking; what any thread may call
 * says so.
 */
public interface Exchange {
  /** Is told what goes over the wire. */
  interface Progress {
    /** The request was written to its end. Called on the thread that wrote it. */
    void requestSent();

    /** An interim response came. */
    void interim(int status);

    /** Whether the server may push responses that it takes to belong to this one. */
    default boolean takesPushes() {
      return false;
    }

    /**
     * The server means to push one, before this exchange's body ends. Called by whoever reads the
     * connection; must not block.
     */
    default void promised(Promise promise) {
      promise.refuse();
    }
  }

  /**
   * Sends the request and returns the final response's head; its body may still be under way both
   * ways.
   *
   * @throws IllegalArgumentException if the request cannot be written as HTTP; nothing was sent
   *     then
   * @throws MalformedResponseException if the response is none
   * @throws IOException if the exchange fails
   */
  ResponseInfo exchange(Origin origin, Request request) throws IOException;

  /** The response's body; after {@link #exchange}. */
  Body body();

  /** Sets the deadline for the next read of the body. */
  void awaitBody();

  /**
   * Nobody wants the rest of the body. Sets a deadline for reading it, if it ends within so many
   * bytes as far as is known, and the connection can carry another exchange then, which it can not
   * otherwise.
   *
   * @return whether it is to be read
   */
  boolean awaitRest(int most, long nanos);

  /** The subscriber wants nothing for now: only the deadline of the whole exchange holds. */
  void awaitConsumer();

  /**
   * Ends the exchange at the end of the response's body.
   *
   * @return whether the connection can carry another
   */
  boolean finish();

  /** Whether the server has sent bytes after its answer. */
  boolean surplus();

  /** Ends the exchange before its end, and sending if that is under way. */
  void abandon();

  /** Ends whatever blocks in the exchange; it then fails. Any thread. */
  void cancel();

  /** Whether a deadline of the exchange has passed and has ended it. Any thread. */
  boolean expired();

  /** Whether something may still come. Any thread. */
  boolean isOpen();

  /**
   * Sets who is told when the exchange ends from the other side, or by its deadline, while no
   * thread is in it, or the end of the body has come and nobody reads; null for nobody. Must not
   * block. HTTP/1.1 sees the end of a body only by reading.
   */
  void onClose(@Nullable Runnable action);

  /** Whether the request can be sent once more from its start. */
  boolean repeatable();

  /** Why the request's body could not be sent, if the publisher is to blame. */
  @Nullable IOException publisherFailure();

  /** Whether not one byte has been sent. */
  boolean nothingSent();

  /** Whether not one byte has been received. */
  boolean nothingReceived();

  /** When the whole request had been sent; 0 if it has not. */
  long requestSentAt();

  /** When the first byte of the final response came; 0 if it has not. */
  long firstByteAt();

  /** How long the server says that it keeps the connection idle; Long.MAX_VALUE if it does not. */
  long idleHintNanos();
}
