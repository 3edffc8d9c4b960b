/** From a host's name to its addresses. */
@NullMarked
package dev.hawser.dns;

import org.jspecify.annotations.NullMarked;
