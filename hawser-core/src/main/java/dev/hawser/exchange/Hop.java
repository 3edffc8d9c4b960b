package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.Origin;
import dev.hawser.connect.Via;
import dev.hawser.overload.HostLoad;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Pool;
import dev.hawser.wire.Body;
import dev.hawser.wire.Exchange;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request of a call that has got its response's head: a call has several when it is redirected.
 *
 * @param origin the request's
 * @param via the proxy that it went by
 * @param load of its host
 * @param body of the response, decoded if that is wanted
 * @param ordinal which one of the connection's it is; once given back, that goes on counting
 */
record Hop(
    HttpRequest request,
    Origin origin,
    @Nullable Via via,
    HostLoad load,
    Connection connection,
    long ordinal,
    Exchange exchange,
    ResponseInfo head,
    Body body) {

  /**
   * What is left of a body that nobody wants is read up to here, to keep the connection; more costs
   * the connection.
   */
  static final int SHORT = 64 * 1024;

  /** Reads the rest of the body, if that is short; else returns false. */
  boolean skipRest() throws IOException {
    int skipped = 0;
    for (ByteBuffer part = exchange.body().next(); part != null; part = exchange.body().next()) {
      skipped += part.remaining();
      if (skipped > SHORT) {
        return false;
      }
    }
    return true;
  }

  /** After the end of the response: gives the connection back, or closes it. Ends this, once. */
  void giveBack(Pool pool) {
    if (exchange.finish()) {
      connection.idleHint(exchange.idleHintNanos());
      pool.release(connection);
      load.leave();
    } else {
      boolean surplus = exchange.surplus();
      close(pool, surplus ? CloseReason.UNSOLICITED_BYTES : CloseReason.NOT_PERSISTENT);
    }
  }

  /** Before the end of the response: closes the connection, or its stream. Ends this, once. */
  void close(Pool pool, CloseReason reason) {
    exchange.abandon();
    pool.discard(connection, reason);
    load.leave();
  }
}
