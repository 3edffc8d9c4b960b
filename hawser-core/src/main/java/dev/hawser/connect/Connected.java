package dev.hawser.connect;

import dev.hawser.ConnectionInfo.TlsInfo;
import dev.hawser.io.Transport;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A connection made: its transport and, where there is TLS, what was agreed on. */
public record Connected(Transport transport, @Nullable TlsInfo tls, @Nullable SSLSession session) {}
