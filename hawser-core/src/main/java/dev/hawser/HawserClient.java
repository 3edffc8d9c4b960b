package dev.hawser;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A {@link HttpClient} whose connections stay fresh and whose waits are all bounded and explained.
 *
 * <p>What {@code java.net.http} documents holds. Failures of an exchange implement {@link
 * ExchangeFailure} in addition to being the exception types of the JDK.
 *
 * <p>A client is safe for use by any number of threads and is meant to be shared and long-lived:
 * one per program, or per set of options. It owns at most one platform thread, and that only while
 * it has connections and for a second after; all clients share up to 16 more for look-ups by the
 * system's resolver. {@code send} works on its caller's thread, {@code sendAsync} on a virtual one,
 * and so do body handlers and subscribers, on that thread or on another virtual one; with an
 * {@linkplain Builder#executor executor} those of {@code sendAsync} run on that.
 *
 * <p>The responses of {@code sendAsync}, too, are {@link HawserResponse}s:
 *
 * {@snippet class="dev.hawser.examples.Calls" region="async"}
 */
public abstract class HawserClient extends HttpClient {
  /** For the one implementation, inside this module. */
  protected HawserClient() {}

  /**
   * {@inheritDoc} The response also tells its {@linkplain HawserResponse#timeline() timeline} and
   * connection.
   *
   * @throws IOException if the exchange fails: an {@link ExchangeFailure}; any other if the body
   *     handler or subscriber failed, or the client was closed before
   * @throws InterruptedException if the thread is interrupted; the connection is closed then
   */
  @Override
  public abstract <T> HawserResponse<T> send(
      HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException;

  /**
   * {@inheritDoc} A WebSocket has a connection of its own, outside the pool and its limits, made
   * with the same stages, deadlines and errors; see {@link WebSocketOptions}. Its listener is
   * called on a virtual thread, or on the client's executor if there is one. What a listener is
   * given is its own for good. Until it is closed a WebSocket is an operation in progress: {@link
   * #close()} waits for it, {@link #shutdownNow()} ends it.
   *
   * {@snippet class="dev.hawser.examples.Calls" region="websocket"}
   */
  @Override
  public abstract WebSocket.Builder newWebSocketBuilder();

  /** {@return what the client holds at this moment} Cheap enough for a scrape every second. */
  public abstract ClientSnapshot snapshot();

  /**
   * Asks every layer that may hold addresses of {@code host}, each by itself: the hosts file, the
   * client's own cache, the DNS servers one by one, those behind a local stub resolver, the
   * system's resolver. Where they differ, one of them is stale. Takes {@link DnsOptions#timeout()}
   * at most; changes nothing in the client's cache.
   *
   * @param host a name, as in a URI
   * @return in the order in which the client asks them
   * @throws InterruptedException if the thread is interrupted
   */
  public abstract List<NameLayer> layers(String host) throws InterruptedException;

  /**
   * Opens connections to the origin of {@code uri} ahead of need, so that there are {@code
   * connections} idle or being opened, as far as the pool's limits allow; where the server speaks
   * HTTP/2, one that is shared is enough. Returns at once; failures are told to the {@link
   * ExchangeListener}. Does nothing once the client is closed.
   *
   * @param uri of the origin; its path is of no matter
   * @param connections how many
   * @throws IllegalArgumentException if the URI is not an absolute http or https one, or the count
   *     is negative
   */
  public abstract void warmUp(URI uri, int connections);

  /**
   * Retires every connection to the origin of {@code uri}: idle ones are closed now, busy ones take
   * no new request, finish the one they carry, and are closed then. New requests open new
   * connections. One that is being opened at this moment serves at most the caller in line. Returns
   * at once.
   *
   * {@snippet class="dev.hawser.examples.Watching" region="moved"}
   *
   * @param uri of the origin; its path is of no matter
   * @throws IllegalArgumentException if the URI is not an absolute http or https one
   */
  public abstract void drain(URI uri);

  /**
   * Makes a {@link HawserClient}: the options of the JDK's builder, and Hawser's own in groups.
   *
   * <p>A customiser is called at once, with the group as it is so far, and returns what it is to
   * be; so several calls for one group add up. An option out of its range is an {@link
   * IllegalArgumentException} there.
   *
   * {@snippet class="dev.hawser.examples.Options" region="builder"}
   */
  public interface Builder extends HttpClient.Builder {
    /**
     * Customises the pool's limits and ages.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder pool(UnaryOperator<PoolOptions> customiser);

    /**
     * Customises name resolution.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder dns(UnaryOperator<DnsOptions> customiser);

    /**
     * Customises how TCP connections are made.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder tcp(UnaryOperator<TcpOptions> customiser);

    /**
     * Customises TLS.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder tls(UnaryOperator<TlsOptions> customiser);

    /**
     * Customises what the HTTP/1.1 parser accepts.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder http1(UnaryOperator<Http1Options> customiser);

    /**
     * Customises how HTTP/2 connections are shared.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder http2(UnaryOperator<Http2Options> customiser);

    /**
     * Customises the deadlines and rules of an exchange.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder exchange(UnaryOperator<ExchangeOptions> customiser);

    /**
     * Customises when a request is sent again.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder retry(UnaryOperator<RetryOptions> customiser);

    /**
     * Customises whether calls to a host that fails are refused.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder breaker(UnaryOperator<BreakerOptions> customiser);

    /**
     * Customises what becomes of a host's address that fails while the others do not.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder ejection(UnaryOperator<EjectionOptions> customiser);

    /**
     * Customises how many requests a host has to bear at once.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder limit(UnaryOperator<LimitOptions> customiser);

    /**
     * Customises when a request is sent a second time while the first is waited for.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder hedge(UnaryOperator<HedgeOptions> customiser);

    /**
     * Customises WebSockets.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder webSocket(UnaryOperator<WebSocketOptions> customiser);

    /**
     * Customises whether bodies are decompressed.
     *
     * @param customiser from the group as it is to what it is to be
     * @return this builder
     */
    Builder decompression(UnaryOperator<DecompressionOptions> customiser);

    /**
     * Adds a listener for what happens to exchanges and connections; may be called several times,
     * and they are told in that order.
     *
     * @param listener to be told
     * @return this builder
     */
    Builder listener(ExchangeListener listener);

    @Override
    Builder cookieHandler(CookieHandler cookieHandler);

    /**
     * Bounds name resolution, TCP connect and TLS handshake together; each also has its own bound
     * ({@link DnsOptions#timeout()}, {@link TcpOptions#connectTimeout()}, {@link
     * TlsOptions#handshakeTimeout()}), which holds without this one, too.
     */
    @Override
    Builder connectTimeout(Duration duration);

    @Override
    Builder sslContext(SSLContext sslContext);

    /**
     * {@inheritDoc} But the client chooses the protocols for ALPN itself, and verifies the host's
     * name also where no identification algorithm is set.
     */
    @Override
    Builder sslParameters(SSLParameters sslParameters);

    /**
     * {@inheritDoc} With {@code sendAsync}, body handlers and subscribers of one's own run on it,
     * futures are completed on it, and dependent actions run there; the exchanges themselves run on
     * virtual threads.
     */
    @Override
    Builder executor(Executor executor);

    @Override
    Builder followRedirects(Redirect policy);

    /**
     * {@inheritDoc} The default is HTTP/2, which a server of {@code https} chooses or not (ALPN).
     */
    @Override
    Builder version(Version version);

    /** {@inheritDoc} Checked, and of no effect: RFC 9113 has abolished the priorities of HTTP/2. */
    @Override
    Builder priority(int priority);

    /**
     * {@inheritDoc} Without one the JVM's at the time of {@code build} is used, as by the JDK's
     * client. It is asked for every request, redirects included, and of what it names the first is
     * used, also a {@code SOCKS} one; it is told of one that cannot be reached. The name of a proxy
     * whose address is unresolved is looked up like any other; that of the server is the proxy's to
     * look up, so that {@link DnsOptions} have no say in it.
     */
    @Override
    Builder proxy(ProxySelector proxySelector);

    /**
     * {@inheritDoc} For Basic and Digest, of which the strongest is used that the other side
     * offers. What was accepted is kept for the client's life, by origin and realm. Basic is not
     * used for tunnels unless the JDK's {@code jdk.http.auth.tunneling.disabledSchemes} allows it.
     * A 401 is returned as it is where the request has its own {@code Authorization}, its body
     * cannot be sent twice, or no scheme is known.
     */
    @Override
    Builder authenticator(Authenticator authenticator);

    @Override
    Builder localAddress(InetAddress localAddress);

    /** {@return a client with what has been set so far} */
    @Override
    HawserClient build();
  }
}
