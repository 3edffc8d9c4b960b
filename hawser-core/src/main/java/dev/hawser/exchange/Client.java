package dev.hawser.exchange;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.NameLayer;
import dev.hawser.Origin;
import dev.hawser.coding.Decoding;
import dev.hawser.connect.Connector;
import dev.hawser.connect.Endpoints;
import dev.hawser.dns.Layers;
import dev.hawser.dns.Names;
import dev.hawser.dns.Sources;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.overload.HostLoads;
import dev.hawser.overload.Protection;
import dev.hawser.policy.Cookies;
import dev.hawser.policy.Credentials;
import dev.hawser.policy.Proxies;
import dev.hawser.policy.Requests;
import dev.hawser.pool.Pool;
import dev.hawser.tls.FileContext;
import dev.hawser.tls.TlsConnector;
import dev.hawser.tls.TlsLibrary;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The client: puts the stages together, and turns calls of the JDK's API into {@link Call}s. */
final class Client extends HawserClient {
  private final Settings settings;
  private final TlsSettings tls;
  private final DnsOverHttps dnsOverHttps;
  private final Engine engine;

  /**
   * Makes a client that has not connected to anything yet.
   *
   * @throws IOException if files that the settings name cannot be used
   */
  Client(Settings settings, @Nullable Http2 scripted) throws IOException {
    var events = new Events(settings.listeners());
    this.settings = settings;
    this.tls =
        new TlsSettings(
            settings.sslContext(),
            settings.sslParameters(),
            files(settings, events),
            TlsSettings.provider(settings));
    this.dnsOverHttps = new DnsOverHttps(settings, tls);
    this.engine = engine(settings, events, scripted);
  }

  /** One that shares another's keys and trust, and what they say later. */
  Client(Settings settings, TlsSettings tls) {
    this.settings = settings;
    this.tls = tls;
    this.dnsOverHttps = new DnsOverHttps(settings, tls);
    this.engine = engine(settings, new Events(settings.listeners()), null);
  }

  private @Nullable FileContext files(Settings from, Events events) throws IOException {
    if (!FileContext.isNeeded(from.tls())) {
      return null;
    }
    return new FileContext(
        from.tls(),
        TlsLibrary.of(TlsSettings.provider(from)),
        events,
        InstantSource.system(),
        this::certificatesChanged);
  }

  /** Whoever shares the files does not look at them: it is told. */
  void certificatesChanged() {
    engine.pool().drainSecure(CloseReason.CERTIFICATES_CHANGED);
    dnsOverHttps.certificatesChanged();
  }

  private Engine engine(Settings from, Events events, @Nullable Http2 scripted) {
    Ticker ticker = Ticker.SYSTEM;
    var watchdog = new Watchdog(ticker);
    var buffers = new Buffers(from.exchange().memoryBudget());
    var tlsConnector =
        new TlsConnector(
            from.tls(),
            tls::contextForConnections,
            tls::forConnections,
            watchdog,
            buffers,
            events,
            ticker);
    var sources = new Sources(from.dns(), Sources.Files.SYSTEM, tls::context, dnsOverHttps, ticker);
    var names = new Names(from.dns(), sources, events, new SplittableRandom(), ticker);
    var endpoints = new Endpoints(from.ejection(), events, ticker);
    Credentials credentials =
        from.authenticator() == null ? null : new Credentials(from.authenticator());
    var connector =
        new Connector(
            from.tcp(),
            from.connectTimeout(),
            from.localAddress(),
            names,
            endpoints,
            new Tunnels(from.http1(), from.exchange(), credentials, ticker),
            tlsConnector,
            watchdog,
            buffers,
            events,
            ticker);
    var http2 = new Http2Connections(from.http2(), from.exchange(), watchdog, buffers, ticker);
    var pool =
        new Pool(
            from.pool(),
            from.http2(),
            new Dialing(
                connector, scripted != null ? scripted : http2, from.http2().priorKnowledge()),
            watchdog,
            events,
            new SplittableRandom(),
            ticker);
    return new Engine(
        names,
        new Layers(from.dns(), sources, names, ticker),
        endpoints,
        pool,
        tls,
        buffers,
        from.http1(),
        new Versions(from.version()),
        new Upgrades(!from.http2().priorKnowledge(), Upgrades.PATIENCE, ticker),
        new Switching(http2),
        from.exchange(),
        from.retry(),
        new HostLoads(
            new Protection(from.retry(), from.breaker(), from.limit(), from.hedge()),
            events,
            watchdog,
            new SplittableRandom(),
            InstantSource.system(),
            ticker),
        from.redirect(),
        new Cookies(from.cookieHandler()),
        new Decoding(from.decompression()),
        new Proxies(from.proxy() == null ? ProxySelector.getDefault() : from.proxy()),
        credentials,
        events,
        new WebSockets(from.webSocket(), connector, buffers, watchdog, from.executor()),
        watchdog,
        ticker);
  }

  // ---- calls

  @Override
  public <T> HawserResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    Origin origin = check(request, handler);
    ensureOpen();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return new Call<>(engine, request, origin, handler, false, null).run();
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return sendAsync(request, handler, null);
  }

  /** {@inheritDoc} Without a handler the server is not allowed to push. */
  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> pushPromiseHandler) {
    Origin origin = check(request, handler);
    if (engine.isShutDown()) {
      return CompletableFuture.failedFuture(closed());
    }
    Executor executor = settings.executor();
    BodyHandler<T> receiver = executor == null ? handler : OnExecutor.handler(handler, executor);
    Pushes<T> pushes =
        pushPromiseHandler == null ? null : new Pushes<>(engine, pushPromiseHandler, executor);
    var call = new Call<>(engine, request, origin, receiver, true, pushes);
    var started = new AsyncCall<>(call::run, executor);
    started.start();
    return started.future();
  }

  private Origin check(HttpRequest request, BodyHandler<?> handler) {
    Objects.requireNonNull(handler, "handler");
    Origin origin = Requests.check(Objects.requireNonNull(request, "request"));
    if (origin.secure()) {
      tls.prepare(); // now, so that no handshake's deadline is spent on it
    }
    Misuse.request(request, settings);
    return origin;
  }

  private void ensureOpen() throws IOException {
    if (engine.isShutDown()) {
      throw closed();
    }
  }

  static IOException closed() {
    return new IOException("the client was closed");
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return new WebSocketBuilder(this, engine);
  }

  /** Checks an opening handshake's request before anything is sent. */
  void prepare(HttpRequest request) {
    if (Requests.check(request).secure()) {
      tls.prepare();
    }
  }

  // ---- Hawser's own

  @Override
  public ClientSnapshot snapshot() {
    return engine.snapshot();
  }

  @Override
  public List<NameLayer> layers(String host) throws InterruptedException {
    return engine.layers().ask(host.toLowerCase(Locale.ROOT));
  }

  @Override
  public void warmUp(URI uri, int connections) {
    if (connections < 0) {
      throw new IllegalArgumentException(
          "connections is " + connections + "; it must not be negative");
    }
    engine
        .pool()
        .warmUp(
            engine
                .versions()
                .target(Origin.of(uri), engine.proxies().of(HttpRequest.newBuilder(uri).build())),
            connections);
  }

  @Override
  public void drain(URI uri) {
    engine.pool().drain(Origin.of(uri));
  }

  // ---- life

  @Override
  public void shutdown() {
    engine.shutDown();
  }

  @Override
  public void shutdownNow() {
    engine.close();
  }

  @Override
  public boolean isTerminated() {
    return engine.isTerminated();
  }

  @Override
  public boolean awaitTermination(Duration duration) throws InterruptedException {
    return engine.awaitTermination(Objects.requireNonNull(duration));
  }

  // ---- what it was built with

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return Optional.ofNullable(settings.cookieHandler());
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return Optional.ofNullable(settings.connectTimeout());
  }

  @Override
  public Redirect followRedirects() {
    return settings.redirect();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return Optional.ofNullable(settings.proxy());
  }

  @Override
  public SSLContext sslContext() {
    return tls.context();
  }

  @Override
  public SSLParameters sslParameters() {
    return tls.visible();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return Optional.ofNullable(settings.authenticator());
  }

  @Override
  public Version version() {
    return settings.version();
  }

  @Override
  public Optional<Executor> executor() {
    return Optional.ofNullable(settings.executor());
  }
}
