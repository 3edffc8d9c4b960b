package dev.hawser.connect;

import dev.hawser.ConnectionInfo.TlsInfo;
import dev.hawser.io.Transport;
import dev.hawser.wire.Multiplexed;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection made: its transport and, where there is TLS, what was agreed on.
 *
 * @param multiplexed the HTTP/2 connection over it; null where HTTP/1.1 is spoken
 * @param endpoint the address that it goes to, as others know it; null: nobody wants to know
 */
public record Connected(
    Transport transport,
    @Nullable TlsInfo tls,
    @Nullable SSLSession session,
    @Nullable Multiplexed multiplexed,
    @Nullable Endpoint endpoint) {
  /** One over which HTTP/1.1 is spoken, as yet, and of whose address nobody wants to know. */
  public Connected(Transport transport, @Nullable TlsInfo tls, @Nullable SSLSession session) {
    this(transport, tls, session, null, null);
  }

  /** Whether ALPN chose HTTP/2. */
  public boolean choseHttp2() {
    return tls != null && tls.alpn().equals("h2");
  }

  /** The same, over which HTTP/2 is spoken now. */
  public Connected with(Multiplexed opened) {
    return new Connected(transport, tls, session, opened, endpoint);
  }
}
