/** HTTP/2 on the wire (RFC 9113) and its header compression (RFC 7541). */
@NullMarked
package dev.hawser.http2;

import org.jspecify.annotations.NullMarked;
