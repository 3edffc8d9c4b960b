/**
 * Sockets as blocking byte streams with deadlines, and the memory they use. Knows nothing of HTTP.
 */
@NullMarked
package dev.hawser.io;

import org.jspecify.annotations.NullMarked;
