/** The clients compared: each class is one of them, in its documented best configuration. */
@NullMarked
package dev.hawser.bench.peer;

import org.jspecify.annotations.NullMarked;
