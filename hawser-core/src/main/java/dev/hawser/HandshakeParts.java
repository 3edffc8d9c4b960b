package dev.hawser;

import java.time.Duration;

/**
 * How long the parts of a TLS handshake took; in sum the handshake, without {@link #waited()}.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="handshake"}
 *
 * @param waited before it, for a session of another handshake with the same origin: {@link
 *     TlsOptions#resumeWait()}
 * @param serverHello from the ClientHello to the first bytes of the answer: the network and the
 *     server
 * @param certificates from there until the server's certificates were here and this side came to
 *     check them; zero where a session was resumed, or the trust manager is the user's own
 * @param validation the check of the certificates; zero in the same cases
 * @param finish the rest, up to the client's Finished
 */
public record HandshakeParts(
    Duration waited,
    Duration serverHello,
    Duration certificates,
    Duration validation,
    Duration finish) {}
