package dev.hawser.tls;

import dev.hawser.ConnectionInfo.TlsInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.TlsOptions;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Does TLS handshakes over connected sockets: protocols offered by ALPN, host name verified, within
 * its deadline.
 */
public final class TlsConnector {
  /** A connection whose handshake succeeded. */
  public record Secured(TlsTransport transport, TlsInfo info, SSLSession session) {}

  /** A context, and who waits for its sessions. */
  private record Sessions(@Nullable SSLContext context, HandshakeGate gate) {}

  private final TlsOptions options;
  private final Supplier<SSLContext> context;
  private final Function<Alpn, SSLParameters> parameters;
  private final Watchdog watchdog;
  private final Buffers buffers;
  private final Events events;
  private final Ticker ticker;
  private volatile Sessions sessions;

  public TlsConnector(
      TlsOptions options,
      Supplier<SSLContext> context,
      Function<Alpn, SSLParameters> parameters,
      Watchdog watchdog,
      Buffers buffers,
      Events events,
      Ticker ticker) {
    this.options = options;
    this.context = context;
    this.parameters = parameters;
    this.watchdog = watchdog;
    this.buffers = buffers;
    this.events = events;
    this.ticker = ticker;
    this.sessions = new Sessions(null, new HandshakeGate(options.resumeWait(), ticker));
  }

  /**
   * Does the handshake, when there is a session to resume or it is time to make one; closes the
   * socket when it fails.
   */
  public Secured handshake(SocketChannel channel, Origin origin, Alpn offer, long deadline)
      throws IOException, InterruptedException {
    SSLContext current = context.get();
    long came = ticker.nanos();
    HandshakeGate.Pass pass = gate(current).enter(origin, deadline);
    long waited = ticker.nanos() - came;
    boolean done = false;
    try {
      Secured secured = handshake(current, channel, origin, offer, deadline, waited, pass);
      pass.done(secured.info().version(), secured.info().resumed());
      done = true;
      return secured;
    } finally {
      if (!done) {
        pass.failed();
      }
    }
  }

  /** Another context starts without sessions. */
  private HandshakeGate gate(SSLContext current) {
    Sessions present = sessions;
    if (!current.equals(present.context())) {
      present = new Sessions(current, new HandshakeGate(options.resumeWait(), ticker));
      sessions = present;
    }
    return present.gate();
  }

  private Secured handshake(
      SSLContext current,
      SocketChannel channel,
      Origin origin,
      Alpn offer,
      long deadline,
      long waited,
      HandshakeGate.Pass pass)
      throws IOException {
    SSLEngine engine = current.createSSLEngine(origin.host(), origin.port());
    engine.setUseClientMode(true);
    engine.setSSLParameters(parameters.apply(offer));
    var handshake =
        new Handshake(
            options.validationTimeout(), deadline, TlsLibrary.of(engine).threads(current), ticker);
    var transport = new TlsTransport(channel, watchdog, buffers, engine, handshake, pass::ticket);
    long start = ticker.nanos();
    long startMillis = System.currentTimeMillis();
    transport.deadline(Math.min(deadline, Ticker.after(start, options.handshakeTimeout())));
    try {
      SSLSession session = transport.handshake();
      if (!transport.disarm()) {
        throw new ClosedChannelException(); // by the watchdog, at the last moment
      }
      var info =
          new TlsInfo(
              session.getProtocol(),
              session.getCipherSuite(),
              handshake.hello().agreed(session.getCipherSuite()),
              Objects.requireNonNullElse(engine.getApplicationProtocol(), ""), // null: Conscrypt's
              handshake.hello().resumed().orElse(session.getCreationTime() < startMillis),
              current.getProvider().getName());
      if (events.wanted()) {
        events.tell(
            new ExchangeEvent.Secured(
                origin, info, Duration.ofNanos(ticker.nanos() - start), handshake.parts(waited)));
      }
      return new Secured(transport, info, session);
    } catch (Error e) { // of a user's trust manager
      transport.close();
      transport.releaseBuffers();
      throw e;
    } catch (IOException | RuntimeException e) {
      byte[] received = transport.receivedSoFar();
      transport.close();
      transport.releaseBuffers();
      var explanation = new Explanation(origin, engine, transport.negotiation());
      throw transport.expired() || handshake.overran()
          ? explanation.timeout(Duration.ofNanos(ticker.nanos() - start))
          : explanation.of(e, received);
    }
  }
}
