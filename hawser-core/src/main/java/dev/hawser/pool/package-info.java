/** Which connection? An idle one that is still alive, a new one, or a place in line. */
@NullMarked
package dev.hawser.pool;

import org.jspecify.annotations.NullMarked;
