package dev.hawser.exchange;

import dev.hawser.http1.Http1Exchange;
import dev.hawser.http1.ResponseHead;
import dev.hawser.pool.Connection;
import java.net.http.HttpRequest;

/**
 * One request of a call that has got its response's head: a call has several when it is redirected.
 *
 * @param exchange which one of the connection's it is; once given back, that goes on counting
 */
record Hop(
    HttpRequest request,
    Connection connection,
    long exchange,
    Http1Exchange http1,
    ResponseHead head) {}
