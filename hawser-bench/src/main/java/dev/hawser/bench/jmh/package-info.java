/** JMH benchmarks of the hot paths; {@code ./hawser-bench/jmh} runs them. */
@NullMarked
package dev.hawser.bench.jmh;

import org.jspecify.annotations.NullMarked;
