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
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A {@link HttpClient} whose connections stay fresh and whose waits are all bounded and explained.
 *
 * <p>Everything that {@code java.net.http} documents holds. Failures of an exchange implement
 * {@link ExchangeFailure} in addition to being the exception types of the JDK.
 *
 * <p>A client is safe for use by any number of threads and is meant to be shared and long-lived:
 * one per program, or per set of options. It owns at most one platform thread, and that only while
 * it has connections.
 */
public abstract class HawserClient extends HttpClient {
  /** For the one implementation, inside this module. */
  protected HawserClient() {}

  /**
   * {@inheritDoc} The response also tells its {@linkplain HawserResponse#timeline() timeline} and
   * connection.
   */
  @Override
  public abstract <T> HawserResponse<T> send(
      HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException;

  /** Returns what the client holds at this moment. Cheap enough for a scrape every second. */
  public abstract ClientSnapshot snapshot();

  /**
   * Opens connections to the origin of {@code uri} ahead of need, so that there are {@code
   * connections} idle or being opened, as far as the pool's limits allow. Returns at once; failures
   * are told to the {@link ExchangeListener}.
   *
   * @throws IllegalArgumentException if the URI is not an absolute http or https one, or the count
   *     is negative
   */
  public abstract void warmUp(URI uri, int connections);

  /**
   * Retires every connection to the origin of {@code uri}: idle ones are closed now, busy ones take
   * no new request, finish the one they carry, and are closed then. New requests open new
   * connections.
   */
  public abstract void drain(URI uri);

  /** Makes a {@link HawserClient}: the options of the JDK's builder, and Hawser's own in groups. */
  public interface Builder extends HttpClient.Builder {
    /** Customises the pool's limits and ages. */
    Builder pool(UnaryOperator<PoolOptions> customiser);

    /** Customises name resolution. */
    Builder dns(UnaryOperator<DnsOptions> customiser);

    /** Customises how TCP connections are made. */
    Builder tcp(UnaryOperator<TcpOptions> customiser);

    /** Customises TLS. */
    Builder tls(UnaryOperator<TlsOptions> customiser);

    /** Customises what the HTTP/1.1 parser accepts. */
    Builder http1(UnaryOperator<Http1Options> customiser);

    /** Customises the deadlines and rules of an exchange. */
    Builder exchange(UnaryOperator<ExchangeOptions> customiser);

    /**
     * Adds a listener for what happens to exchanges and connections; may be called several times.
     */
    Builder listener(ExchangeListener listener);

    @Override
    Builder cookieHandler(CookieHandler cookieHandler);

    /**
     * Bounds name resolution, TCP connect and TLS handshake together; each also has its own bound.
     */
    @Override
    Builder connectTimeout(Duration duration);

    @Override
    Builder sslContext(SSLContext sslContext);

    @Override
    Builder sslParameters(SSLParameters sslParameters);

    @Override
    Builder executor(Executor executor);

    @Override
    Builder followRedirects(Redirect policy);

    @Override
    Builder version(Version version);

    @Override
    Builder priority(int priority);

    @Override
    Builder proxy(ProxySelector proxySelector);

    @Override
    Builder authenticator(Authenticator authenticator);

    @Override
    Builder localAddress(InetAddress localAddress);

    /** Builds a client with what has been set so far. */
    @Override
    HawserClient build();
  }
}
