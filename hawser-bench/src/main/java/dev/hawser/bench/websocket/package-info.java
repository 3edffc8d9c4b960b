/** WebSocket messages beside other clients: a server that is no bottleneck, and who is measured. */
@NullMarked
package dev.hawser.bench.websocket;

import org.jspecify.annotations.NullMarked;
