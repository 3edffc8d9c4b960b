/** The way of one call, from {@code send} to the end of the body. */
@NullMarked
package dev.hawser.exchange;

import org.jspecify.annotations.NullMarked;
