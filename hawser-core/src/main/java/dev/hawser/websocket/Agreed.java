package dev.hawser.websocket;

import org.jspecify.annotations.Nullable;

/**
 * What the opening handshake came to.
 *
 * @param subprotocol empty for none
 * @param deflate null for no compression
 */
public record Agreed(String subprotocol, @Nullable Deflate deflate) {}
