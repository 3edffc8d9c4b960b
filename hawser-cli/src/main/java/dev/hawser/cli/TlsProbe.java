package dev.hawser.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A handshake by the JDK's own sockets that trusts anyone, to see what a client that checks
 * certificates never gets to see, or has no call for. It needs nobody who answers afterwards.
 *
 * @param address where to connect
 * @param host the name to ask for (SNI)
 * @param timeout for all of it
 * @param path to send a HEAD request to, once tickets are wanted: some servers send none before
 *     they have something to answer; null if the server does not speak HTTP
 */
record TlsProbe(InetSocketAddress address, String host, Duration timeout, @Nullable String path) {
  /** A server sends its tickets with its part of the handshake, in one go. */
  private static final int QUIET_MILLIS = 100;

  private static final List<String> BOTH = List.of("h2", "http/1.1");

  /** Who has sent none by then sends none. */
  private static final Duration TICKETS = Duration.ofSeconds(1);

  /**
   * What a handshake came to.
   *
   * @param staples OCSP answers that came with the certificates
   * @param alpn the protocol agreed on; empty: none
   * @param resumed whether it resumed a session of the context
   * @param sessions that can be resumed next, each a ticket in TLS 1.3, as far as they were waited
   *     for
   */
  record Outcome(
      String version,
      String suite,
      List<X509Certificate> chain,
      List<byte[]> staples,
      String alpn,
      boolean resumed,
      int sessions,
      Duration took) {}

  private record Wishes(List<String> groups, List<String> protocols, boolean tickets) {}

  /**
   * Shakes hands, and leaves.
   *
   * @param context one that trusts anyone; its sessions are resumed
   * @param groups for the key exchange; none for the JDK's
   */
  Outcome handshake(SSLContext context, String... groups) throws IOException {
    return handshake(context, new Wishes(List.of(groups), BOTH, false));
  }

  /** Shakes hands, and waits for tickets. */
  Outcome withTickets(SSLContext context) throws IOException {
    List<String> protocols = path == null ? BOTH : List.of("http/1.1");
    return handshake(context, new Wishes(List.of(), protocols, true));
  }

  private Outcome handshake(SSLContext context, Wishes wishes) throws IOException {
    try (ScheduledExecutorService alarm =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
        var tcp = new Socket()) {
      var late = alarm.schedule(() -> closeQuietly(tcp), timeout.toMillis(), TimeUnit.MILLISECONDS);
      try {
        tcp.connect(address, (int) timeout.toMillis());
        return handshake(tcp, context, wishes);
      } finally {
        late.cancel(false);
      }
    }
  }

  /** What blocks on it ends, however slowly the peer dribbles. */
  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nobody is left to care.
    }
  }

  private Outcome handshake(Socket tcp, SSLContext context, Wishes wishes) throws IOException {
    tcp.setTcpNoDelay(true);
    var tls =
        (SSLSocket) context.getSocketFactory().createSocket(tcp, host, address.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setApplicationProtocols(wishes.protocols().toArray(String[]::new));
    if (!wishes.groups().isEmpty()) {
      parameters.setNamedGroups(wishes.groups().toArray(String[]::new));
    }
    tls.setSSLParameters(parameters);
    long startMillis = System.currentTimeMillis();
    long start = System.nanoTime();
    tls.startHandshake();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    var session = (ExtendedSSLSession) tls.getSession();
    if (wishes.tickets()) {
      awaitTickets(tcp, tls, context);
    }
    var outcome =
        new Outcome(
            session.getProtocol(),
            session.getCipherSuite(),
            Arrays.stream(session.getPeerCertificates()).map(X509Certificate.class::cast).toList(),
            session.getStatusResponses(),
            tls.getApplicationProtocol(),
            session.getCreationTime() < startMillis,
            sessions(context, session),
            took);
    closeQuietly(tls); // by close_notify: who is cut off may forget the session
    return outcome;
  }

  /** In TLS 1.3 the handshake's own session is not one that can be resumed: its tickets are. */
  private static int sessions(SSLContext context, SSLSession own) {
    boolean tickets = own.getProtocol().equals("TLSv1.3");
    return (int)
        Collections.list(context.getClientSessionContext().getIds()).stream()
            .filter(id -> !tickets || !Arrays.equals(id, own.getId()))
            .count();
  }

  /** Until the server says something else, or has been quiet: tickets come unasked. */
  private void awaitTickets(Socket tcp, SSLSocket tls, SSLContext context) throws IOException {
    if (!tls.getSession().getProtocol().equals("TLSv1.3")) {
      return; // with the handshake
    }
    if (path != null) {
      String request =
          "HEAD %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
              .formatted(path, host, address.getPort());
      tls.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }
    tcp.setSoTimeout(QUIET_MILLIS);
    long end = System.nanoTime() + TICKETS.toNanos();
    boolean more = true;
    while (more && System.nanoTime() < end) {
      try {
        int ignored = tls.getInputStream().read();
        more = false;
      } catch (SocketTimeoutException e) {
        more = sessions(context, tls.getSession()) == 0;
      }
    }
  }
}
