/**
 * JMH benchmarks of the hot paths; {@code ./hawser-bench/jmh} runs them. The only classes here that
 * look behind the public API: they run on the class path, where the module hides nothing.
 */
@NullMarked
package dev.hawser.bench.jmh;

import org.jspecify.annotations.NullMarked;
