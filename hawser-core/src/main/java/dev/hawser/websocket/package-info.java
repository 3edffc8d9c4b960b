/** WebSocket on the wire (RFC 6455, RFC 7692), and the JDK's contract for it. */
@NullMarked
package dev.hawser.websocket;

import org.jspecify.annotations.NullMarked;
