/** Keeps this client from adding to the trouble of a host that is in trouble. */
@NullMarked
package dev.hawser.overload;

import org.jspecify.annotations.NullMarked;
