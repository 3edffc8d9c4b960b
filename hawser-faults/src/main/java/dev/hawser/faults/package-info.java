/**
 * Servers that misbehave as a script tells them to, and one that does not: for the library's tests,
 * the demonstration, the benchmarks and the fault lab. Knows nothing of Hawser. Everything listens
 * on loopback.
 */
@NullMarked
package dev.hawser.faults;

import org.jspecify.annotations.NullMarked;
