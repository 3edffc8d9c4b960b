package dev.hawser.exchange;

import dev.hawser.BreakerOptions;
import dev.hawser.DecompressionOptions;
import dev.hawser.DnsOptions;
import dev.hawser.EjectionOptions;
import dev.hawser.ExchangeListener;
import dev.hawser.ExchangeOptions;
import dev.hawser.HawserClient;
import dev.hawser.HedgeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Http2Options;
import dev.hawser.LimitOptions;
import dev.hawser.PoolOptions;
import dev.hawser.RetryOptions;
import dev.hawser.TcpOptions;
import dev.hawser.TlsOptions;
import dev.hawser.WebSocketOptions;
import dev.hawser.tls.FileContext;
import dev.hawser.tls.TlsLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Collects a client's {@link Settings}. */
public final class ClientBuilder implements HawserClient.Builder {
  private PoolOptions pool = PoolOptions.DEFAULTS;
  private DnsOptions dns = DnsOptions.DEFAULTS;
  private TcpOptions tcp = TcpOptions.DEFAULTS;
  private TlsOptions tls = TlsOptions.DEFAULTS;
  private Http1Options http1 = Http1Options.DEFAULTS;
  private Http2Options http2 = Http2Options.DEFAULTS;
  private ExchangeOptions exchange = ExchangeOptions.DEFAULTS;
  private RetryOptions retry = RetryOptions.DEFAULTS;
  private BreakerOptions breaker = BreakerOptions.DEFAULTS;
  private EjectionOptions ejection = EjectionOptions.DEFAULTS;
  private LimitOptions limit = LimitOptions.DEFAULTS;
  private HedgeOptions hedge = HedgeOptions.DEFAULTS;
  private WebSocketOptions webSocket = WebSocketOptions.DEFAULTS;
  private DecompressionOptions decompression = DecompressionOptions.DEFAULTS;
  private final List<ExchangeListener> listeners = new ArrayList<>();
  private @Nullable CookieHandler cookieHandler;
  private @Nullable Duration connectTimeout;
  private @Nullable SSLContext sslContext;
  private @Nullable SSLParameters sslParameters;
  private @Nullable Executor executor;
  private Redirect redirect = Redirect.NEVER;
  private Version version = Version.HTTP_2;
  private @Nullable ProxySelector proxy;
  private @Nullable Authenticator authenticator;
  private @Nullable InetAddress localAddress;
  private final @Nullable Http2 scripted;

  /** With nothing set. */
  public ClientBuilder() {
    this.scripted = null;
  }

  /** The same; for tests, with other HTTP/2 connections. */
  ClientBuilder(Http2 scripted) {
    this.scripted = scripted;
  }

  @Override
  public ClientBuilder pool(UnaryOperator<PoolOptions> customiser) {
    pool = Objects.requireNonNull(customiser.apply(pool));
    return this;
  }

  @Override
  public ClientBuilder dns(UnaryOperator<DnsOptions> customiser) {
    dns = Objects.requireNonNull(customiser.apply(dns));
    return this;
  }

  @Override
  public ClientBuilder tcp(UnaryOperator<TcpOptions> customiser) {
    tcp = Objects.requireNonNull(customiser.apply(tcp));
    return this;
  }

  @Override
  public ClientBuilder tls(UnaryOperator<TlsOptions> customiser) {
    tls = Objects.requireNonNull(customiser.apply(tls));
    return this;
  }

  @Override
  public ClientBuilder http1(UnaryOperator<Http1Options> customiser) {
    http1 = Objects.requireNonNull(customiser.apply(http1));
    return this;
  }

  @Override
  public ClientBuilder http2(UnaryOperator<Http2Options> customiser) {
    http2 = Objects.requireNonNull(customiser.apply(http2));
    return this;
  }

  @Override
  public ClientBuilder exchange(UnaryOperator<ExchangeOptions> customiser) {
    exchange = Objects.requireNonNull(customiser.apply(exchange));
    return this;
  }

  @Override
  public ClientBuilder retry(UnaryOperator<RetryOptions> customiser) {
    retry = Objects.requireNonNull(customiser.apply(retry));
    return this;
  }

  @Override
  public ClientBuilder breaker(UnaryOperator<BreakerOptions> customiser) {
    breaker = Objects.requireNonNull(customiser.apply(breaker));
    return this;
  }

  @Override
  public ClientBuilder ejection(UnaryOperator<EjectionOptions> customiser) {
    ejection = Objects.requireNonNull(customiser.apply(ejection));
    return this;
  }

  @Override
  public ClientBuilder limit(UnaryOperator<LimitOptions> customiser) {
    limit = Objects.requireNonNull(customiser.apply(limit));
    return this;
  }

  @Override
  public ClientBuilder hedge(UnaryOperator<HedgeOptions> customiser) {
    hedge = Objects.requireNonNull(customiser.apply(hedge));
    return this;
  }

  @Override
  public ClientBuilder webSocket(UnaryOperator<WebSocketOptions> customiser) {
    webSocket = Objects.requireNonNull(customiser.apply(webSocket));
    return this;
  }

  @Override
  public ClientBuilder decompression(UnaryOperator<DecompressionOptions> customiser) {
    decompression = Objects.requireNonNull(customiser.apply(decompression));
    return this;
  }

  @Override
  public ClientBuilder listener(ExchangeListener listener) {
    listeners.add(Objects.requireNonNull(listener));
    return this;
  }

  @Override
  public ClientBuilder cookieHandler(CookieHandler newCookieHandler) {
    cookieHandler = Objects.requireNonNull(newCookieHandler);
    return this;
  }

  @Override
  public ClientBuilder connectTimeout(Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("connectTimeout is " + duration + "; it must be positive");
    }
    connectTimeout = duration;
    return this;
  }

  @Override
  public ClientBuilder sslContext(SSLContext newSslContext) {
    sslContext = Objects.requireNonNull(newSslContext);
    return this;
  }

  @Override
  public ClientBuilder sslParameters(SSLParameters newSslParameters) {
    sslParameters = TlsSettings.copy(Objects.requireNonNull(newSslParameters));
    return this;
  }

  @Override
  public ClientBuilder executor(Executor newExecutor) {
    executor = Objects.requireNonNull(newExecutor);
    return this;
  }

  @Override
  public ClientBuilder followRedirects(Redirect policy) {
    redirect = Objects.requireNonNull(policy);
    return this;
  }

  @Override
  public ClientBuilder version(Version newVersion) {
    version = Objects.requireNonNull(newVersion);
    return this;
  }

  /**
   * {@inheritDoc} Checked, and of no effect: it is a hint for HTTP/2, whose priorities RFC 9113 has
   * abolished.
   */
  @Override
  public ClientBuilder priority(int priority) {
    if (priority < 1 || priority > 256) {
      throw new IllegalArgumentException("priority is " + priority + "; it must be from 1 to 256");
    }
    return this;
  }

  @Override
  public ClientBuilder proxy(ProxySelector proxySelector) {
    proxy = Objects.requireNonNull(proxySelector);
    return this;
  }

  @Override
  public ClientBuilder authenticator(Authenticator newAuthenticator) {
    authenticator = Objects.requireNonNull(newAuthenticator);
    return this;
  }

  @Override
  public ClientBuilder localAddress(@Nullable InetAddress newLocalAddress) {
    localAddress = newLocalAddress;
    return this;
  }

  @Override
  public HawserClient build() {
    if (sslContext != null && FileContext.isNeeded(tls)) {
      throw new IllegalArgumentException(
          "sslContext has its own keys and trust: with it, tls.roots, tls.identity,"
              + " tls.pins, tls.stapling and tls.trustAnyone would have no effect");
    }
    if (tls.provider() == TlsOptions.Provider.CONSCRYPT) {
      var _ = TlsLibrary.of(tls.provider()); // or says why not, now and not at a call
    }
    var settings =
        new Settings(
            pool,
            dns,
            tcp,
            tls,
            http1,
            http2,
            exchange,
            retry,
            breaker,
            ejection,
            limit,
            hedge,
            webSocket,
            decompression,
            List.copyOf(listeners),
            cookieHandler,
            connectTimeout,
            sslContext,
            sslParameters,
            executor,
            redirect,
            version,
            proxy,
            authenticator,
            localAddress);
    Client client;
    try {
      client = new Client(settings, scripted);
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
    Misuse.clientBuilt(client, settings);
    return client;
  }
}
