/** Benchmarks. */
@NullMarked
package dev.hawser.bench;

import org.jspecify.annotations.NullMarked;
