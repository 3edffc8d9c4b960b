/** The command {@code hawser}. */
@NullMarked
package dev.hawser.cli;

import org.jspecify.annotations.NullMarked;
