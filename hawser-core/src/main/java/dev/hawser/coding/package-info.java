/** Undoes what servers do to bodies to make them smaller (RFC 9110 section 8.4.1). */
@NullMarked
package dev.hawser.coding;

import org.jspecify.annotations.NullMarked;
