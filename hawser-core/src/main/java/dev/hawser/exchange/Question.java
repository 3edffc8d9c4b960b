package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.connect.Target;
import dev.hawser.http2.Http2Connection;
import dev.hawser.io.StageFailure;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.NotProcessedException;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import org.jspecify.annotations.Nullable;

/**
 * The question that a request may put to its server, whether it speaks HTTP/2 in clear text (RFC
 * 7540 3.2). Only a request's first attempt asks. Used by the call's thread.
 */
final class Question implements AutoCloseable {
  private final Course course;
  private final Engine engine;
  private final Target target;
  private final Request request;
  private Upgrades.@Nullable Question asked; // null: not this request

  Question(Course course, Target target, Request request) {
    this.course = course;
    this.engine = course.engine();
    this.target = target;
    this.request = request;
  }

  /** A connection that is there, or is by the time that another's question has been answered. */
  @Nullable Connection leaseIdle() throws StageFailure, InterruptedException {
    Connection idle = engine.pool().leaseIdle(target);
    if (idle != null && (idle.used() || idle.isMultiplexed())) {
      return idle;
    }
    asked = engine.upgrades().ask(target, request);
    if (idle == null && asked == null && engine.upgrades().await(target, course.deadline())) {
      idle = engine.pool().leaseIdle(target);
      asked = idle == null ? engine.upgrades().ask(target, request) : null; // it may be open
    }
    return idle;
  }

  /** Whether this request asks, or has asked. */
  boolean isAsked() {
    return asked != null;
  }

  /** The same request, which asks. */
  Request asking(Told told) {
    return engine.switching().asking(request, told.takesPushes());
  }

  /** After a 101: goes on over HTTP/2. */
  Exchange switched(Connection connection, ResponseInfo answer, Origin origin, Told told)
      throws IOException {
    Http2Connection.Upgraded upgraded =
        engine
            .switching()
            .after(answer, connection.transport(), origin, request, course.deadline(), told);
    engine.pool().upgraded(connection, upgraded.connection());
    answered();
    return upgraded.exchange();
  }

  /** The server has answered in HTTP/1.1, or the question is too much for it. */
  void speaksHttp1() {
    if (asked != null) {
      asked.speaksHttp1();
    }
  }

  /**
   * Whether the question may have been too much for the server: it has hung up on it, is silent, or
   * has agreed and not come as far as HTTP/2.
   */
  static boolean stumbled(Exchange exchange, Connection connection, IOException e) {
    boolean speaksHttp2 =
        connection.multiplexed() instanceof Http2Connection http2 && http2.isOpen();
    return !exchange.nothingSent() && !speaksHttp2 && !(e instanceof NotProcessedException);
  }

  private void answered() {
    if (asked != null) {
      asked.close();
    }
  }

  /** If it has not been answered, others need not wait any longer. */
  @Override
  public void close() {
    answered();
    asked = null;
  }
}
