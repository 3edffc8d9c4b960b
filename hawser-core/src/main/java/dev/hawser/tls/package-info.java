/** TLS over a connected socket, by the JDK's {@code SSLEngine}. */
@NullMarked
package dev.hawser.tls;

import org.jspecify.annotations.NullMarked;
