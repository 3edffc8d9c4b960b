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
 * certificates never gets to see, or has no call for.
 *
 * @param address where to connect
 * @param host the name to ask for (SNI)
 * @param timeout for all of it
 */
record TlsProbe(InetSocketAddress address, String host, Duration timeout) {
  /** A server sends its tickets with its part of the handshake, long before an answer. */
  private static final int ANSWER_MILLIS = 1_000;

  /**
   * What a handshake came to.
   *
   * @param staples OCSP answers that came with the certificates
   * @param alpn the protocol agreed on; empty: none
   * @param sessions that can be resumed, each a ticket in TLS 1.3; where a request was made
   */
  record Outcome(
      String version,
      String suite,
      List<X509Certificate> chain,
      List<byte[]> staples,
      String alpn,
      int sessions,
      Duration took) {}

  /**
   * Shakes hands.
   *
   * @param context one that trusts anyone, and has no sessions
   * @param groups for the key exchange; null for the JDK's
   * @param path to send a request to, so that tickets come; null for none
   */
  Outcome handshake(SSLContext context, String @Nullable [] groups, @Nullable String path)
      throws IOException {
    try (ScheduledExecutorService alarm =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
        var tcp = new Socket()) {
      var late = alarm.schedule(() -> closeQuietly(tcp), timeout.toMillis(), TimeUnit.MILLISECONDS);
      try {
        tcp.connect(address, (int) timeout.toMillis());
        return handshake(tcp, context, groups, path);
      } finally {
        late.cancel(false);
      }
    }
  }

  /** What blocks on it ends, however slowly the peer dribbles. */
  private static void closeQuietly(Socket tcp) {
    try {
      tcp.close();
    } catch (IOException e) {
      // Nobody is left to care.
    }
  }

  private Outcome handshake(
      Socket tcp, SSLContext context, String @Nullable [] groups, @Nullable String path)
      throws IOException {
    tcp.setTcpNoDelay(true);
    var tls =
        (SSLSocket) context.getSocketFactory().createSocket(tcp, host, address.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setApplicationProtocols(
        path == null ? new String[] {"h2", "http/1.1"} : new String[] {"http/1.1"});
    if (groups != null) {
      parameters.setNamedGroups(groups);
    }
    tls.setSSLParameters(parameters);
    long start = System.nanoTime();
    tls.startHandshake();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    var session = (ExtendedSSLSession) tls.getSession();
    if (path != null) {
      request(tcp, tls, path);
    }
    return new Outcome(
        session.getProtocol(),
        session.getCipherSuite(),
        Arrays.stream(session.getPeerCertificates()).map(X509Certificate.class::cast).toList(),
        session.getStatusResponses(),
        tls.getApplicationProtocol(),
        sessions(context, session),
        took);
  }

  /** In TLS 1.3 the handshake's own session is not one that can be resumed: its tickets are. */
  private static int sessions(SSLContext context, SSLSession own) {
    boolean tickets = own.getProtocol().equals("TLSv1.3");
    return (int)
        Collections.list(context.getClientSessionContext().getIds()).stream()
            .filter(id -> !tickets || !Arrays.equals(id, own.getId()))
            .count();
  }

  /** Until the answer begins. There may be none, or none to HEAD, and yet tickets before it. */
  private void request(Socket tcp, SSLSocket tls, String path) throws IOException {
    String request =
        "HEAD %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
            .formatted(path, host, address.getPort());
    tls.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    tcp.setSoTimeout(ANSWER_MILLIS);
    try {
      int ignored = tls.getInputStream().read();
    } catch (SocketTimeoutException e) {
      // Whether HTTP works is for another check to say.
    }
  }
}
