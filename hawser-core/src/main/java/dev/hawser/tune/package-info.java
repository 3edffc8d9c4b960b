/**
 * How large should a host's pool be? Figures in, sizes out: no thread, no lock, no clock and no I/O
 * of its own. The pool calls it under its lock and brings the time.
 */
@NullMarked
package dev.hawser.tune;

import org.jspecify.annotations.NullMarked;
