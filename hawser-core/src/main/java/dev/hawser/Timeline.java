package dev.hawser;

import java.time.Duration;

/**
 * Where the time of one exchange went. A phase that did not happen is {@link Duration#ZERO}.
 *
 * @param queue waiting for a connection, without the time in which this caller's own connection was
 *     being made
 * @param dns resolving the host's name
 * @param connect TCP connect
 * @param tls TLS handshake
 * @param request writing the request; a body is still being sent when the answer comes early
 * @param firstByte from the request written to the response's first byte: the server's time and one
 *     round trip
 * @param body from the response's first byte to the last byte of its body
 * @param total from the call to the end of the body, redirects and repeats included
 * @param reused whether the connection had carried another exchange before
 */
public record Timeline(
    Duration queue,
    Duration dns,
    Duration connect,
    Duration tls,
    Duration request,
    Duration firstByte,
    Duration body,
    Duration total,
    boolean reused) {}
