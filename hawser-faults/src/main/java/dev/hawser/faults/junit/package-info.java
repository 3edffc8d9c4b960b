/**
 * The fault servers as a JUnit extension, for tests of any service or client: {@link
 * dev.hawser.faults.junit.Faults}. Takes {@code junit-jupiter-api}, which whoever writes such tests
 * has.
 */
@NullMarked
package dev.hawser.faults.junit;

import org.jspecify.annotations.NullMarked;
