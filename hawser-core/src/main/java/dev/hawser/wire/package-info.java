/**
 * What an exchange is on the wire, whichever protocol carries it: the request that goes out, the
 * body that comes in, and what callers and the pool ask of either.
 */
@NullMarked
package dev.hawser.wire;

import org.jspecify.annotations.NullMarked;
