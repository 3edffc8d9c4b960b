package dev.hawser.exchange;

import dev.hawser.pool.Connection;
import dev.hawser.wire.Exchange;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;

/**
 * One request of a call that has got its response's head: a call has several when it is redirected.
 *
 * @param ordinal which one of the connection's it is; once given back, that goes on counting
 */
record Hop(
    HttpRequest request,
    Connection connection,
    long ordinal,
    Exchange exchange,
    ResponseInfo head) {}
