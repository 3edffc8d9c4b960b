/** Servers that misbehave, and one that does not. */
@NullMarked
package dev.hawser.faults;

import org.jspecify.annotations.NullMarked;
