/** From an origin to a connected transport: name, TCP, TLS, each stage timed and bounded. */
@NullMarked
package dev.hawser.connect;

import org.jspecify.annotations.NullMarked;
