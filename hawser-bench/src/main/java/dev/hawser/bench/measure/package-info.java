/** What runs inside a client's own process: load, clocks and counters. */
@NullMarked
package dev.hawser.bench.measure;

import org.jspecify.annotations.NullMarked;
