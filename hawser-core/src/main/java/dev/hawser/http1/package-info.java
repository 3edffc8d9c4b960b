/** HTTP/1.1 on the wire (RFC 9112): one request and its response over one transport. */
@NullMarked
package dev.hawser.http1;

import org.jspecify.annotations.NullMarked;
