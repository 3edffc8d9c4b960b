/** The side-by-side benchmark: servers, processes, rounds and the report. */
@NullMarked
package dev.hawser.bench;

import org.jspecify.annotations.NullMarked;
