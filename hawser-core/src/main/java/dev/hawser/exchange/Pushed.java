package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.Origin;
import dev.hawser.coding.Decoding;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Promise;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Map;

/**
 * A response that the server pushes, until its head has come: what {@link Attempts} are for a
 * request, but nothing is sent, and nothing is tried again.
 *
 * @param connection held for it
 * @param initiating with whose response it was promised
 */
record Pushed(Connection connection, Promise promise, HttpRequest initiating) {
  Hop answered(Course course, HttpRequest promised, Origin origin)
      throws IOException, InterruptedException {
    Engine engine = course.engine();
    long ordinal = connection.begin();
    course.times().reused(true);
    long begunAt = course.now();
    var told = new Told(engine.events(), course.number(), null);
    Exchange exchange = promise.accept(new Switching.AlreadySent(told));
    try {
      ResponseInfo head = exchange.exchange(origin, request());
      course.times().exchanged(exchange, begunAt, course.now(), true);
      course.tellHead(head);
      // The server has copied what codings are taken from the request that has been sent.
      Decoding.Decoded shown = engine.decoding().of(initiating, head, exchange.body());
      return new Hop(
          promised,
          origin,
          null,
          engine.loads().of(origin),
          connection,
          ordinal,
          exchange,
          shown.head(),
          shown.body());
    } catch (IOException | RuntimeException | Error e) {
      course.times().exchanged(exchange, begunAt, course.now(), false);
      ConnectionInfo info = connection.info();
      exchange.abandon();
      engine.pool().discard(connection, CloseReason.EXCHANGE_FAILED);
      Call.interruptedBy(e);
      if (!(e instanceof IOException io)) {
        throw e;
      }
      throw course.failure(
          course.diagnosis().of(exchange, connection.transport(), io, 0, true), origin, info);
    }
  }

  private Request request() {
    return new Request(promise.method(), promise.uri(), promise.headers(), Map.of(), null, false);
  }
}
