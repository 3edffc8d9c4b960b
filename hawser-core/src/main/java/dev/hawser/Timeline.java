package dev.hawser;

import java.time.Duration;

/**
 * Where the time of one call went. A phase that did not happen is {@link Duration#ZERO}. Phases are
 * summed over redirects and repeats, but for the body, which is the last response's. Where a
 * request was sent a second time and that was answered first ({@link HedgeOptions}), the time until
 * it was begun is part of {@code firstByte}, and what follows are its own phases.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="timeline"}
 *
 * @param queue waiting for a connection, without the time in which this caller's own connection was
 *     being made
 * @param dns resolving the host's name
 * @param connect TCP connect
 * @param proxy asking a proxy for a tunnel, which resolves the name and connects in that time
 * @param tls TLS handshake
 * @param request from the connection obtained to the request written, or to the answer if that
 *     comes while the body is still being sent
 * @param firstByte from the request written to the first byte of the final response: the server's
 *     time and one round trip
 * @param body from the response's first byte to the last byte of its body
 * @param backoff waiting before the request was sent again ({@link RetryOptions})
 * @param total from the call to the end of the body, redirects and repeats included
 * @param reused whether the connection had carried another exchange before; one that was opened for
 *     several callers at once is reused by none of them
 */
public record Timeline(
    Duration queue,
    Duration dns,
    Duration connect,
    Duration proxy,
    Duration tls,
    Duration request,
    Duration firstByte,
    Duration body,
    Duration backoff,
    Duration total,
    boolean reused) {}
