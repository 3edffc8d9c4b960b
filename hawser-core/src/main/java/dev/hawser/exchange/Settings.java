package dev.hawser.exchange;

import dev.hawser.BreakerOptions;
import dev.hawser.DecompressionOptions;
import dev.hawser.DnsOptions;
import dev.hawser.EjectionOptions;
import dev.hawser.ExchangeListener;
import dev.hawser.ExchangeOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Http2Options;
import dev.hawser.LimitOptions;
import dev.hawser.PoolOptions;
import dev.hawser.RetryOptions;
import dev.hawser.TcpOptions;
import dev.hawser.TlsOptions;
import dev.hawser.WebSocketOptions;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** All that a client is built from. */
record Settings(
    PoolOptions pool,
    DnsOptions dns,
    TcpOptions tcp,
    TlsOptions tls,
    Http1Options http1,
    Http2Options http2,
    ExchangeOptions exchange,
    RetryOptions retry,
    BreakerOptions breaker,
    EjectionOptions ejection,
    LimitOptions limit,
    HedgeOptions hedge,
    WebSocketOptions webSocket,
    DecompressionOptions decompression,
    List<ExchangeListener> listeners,
    @Nullable CookieHandler cookieHandler,
    @Nullable Duration connectTimeout,
    @Nullable SSLContext sslContext,
    @Nullable SSLParameters sslParameters,
    @Nullable Executor executor,
    HttpClient.Redirect redirect,
    HttpClient.Version version,
    @Nullable ProxySelector proxy,
    @Nullable Authenticator authenticator,
    @Nullable InetAddress localAddress) {}
