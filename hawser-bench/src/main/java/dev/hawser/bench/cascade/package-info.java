/**
 * A gateway, an authentication service and Redis, each a process, and more callers than they can
 * bear.
 */
@NullMarked
package dev.hawser.bench.cascade;

import org.jspecify.annotations.NullMarked;
