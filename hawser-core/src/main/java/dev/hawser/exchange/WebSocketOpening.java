package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.connect.Via;
import dev.hawser.http1.Http1Exchange;
import dev.hawser.io.Buffers;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.policy.Login;
import dev.hawser.policy.Requests;
import dev.hawser.websocket.Agreed;
import dev.hawser.websocket.Handshake;
import dev.hawser.websocket.OpenWebSocket;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The opening of one WebSocket, redirects and passwords included, on a virtual thread of its own.
 * By a proxy it goes through a tunnel, without TLS, too: an HTTP proxy passes on no upgrade. The
 * time-out, the client's end and the future's cancellation all interrupt that thread.
 */
final class WebSocketOpening implements Runnable, Exchange.Progress, Watchdog.Guarded {
  /** How it is going; the first to change it has settled the matter. */
  private enum State {
    OPENING,
    OVERDUE,
    CLIENT_CLOSED,
    SETTLED
  }

  private final Engine engine;
  private final WebSockets webSockets;
  private final HttpRequest original;
  private final List<String> subprotocols;
  private final WebSocket.Listener listener;
  private final Thread thread;
  private final CallFuture<WebSocket> future;
  private final Times times;
  private final long deadline;
  private final long number;
  private final Diagnosis diagnosis;
  private final @Nullable Login login; // null: there is no authenticator
  private final Sequel sequel;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPENING);

  /**
   * Counts it in.
   *
   * @param request checked; its time-out is the opening's
   */
  WebSocketOpening(
      Engine engine, HttpRequest request, List<String> subprotocols, WebSocket.Listener listener) {
    this.engine = engine;
    this.webSockets = engine.webSockets();
    this.original = request;
    this.subprotocols = subprotocols;
    this.listener =
        webSockets.executor() == null
            ? listener
            : new ListenerOnExecutor(listener, webSockets.executor());
    this.thread = Thread.ofVirtual().name("hawser-websocket-open").unstarted(this);
    this.future = new CallFuture<>(thread, webSockets.executor());
    long start = now();
    this.times = new Times(start);
    this.deadline =
        request.timeout().map(timeout -> Ticker.after(start, timeout)).orElse(Ticker.NEVER);
    this.diagnosis = new Diagnosis(engine, request, Ticker.NEVER);
    this.login = engine.login();
    this.number = engine.begin();
    this.sequel = new Sequel(engine, number, login);
  }

  CompletableFuture<WebSocket> start() {
    webSockets.add(this);
    thread.start();
    if (engine.closed()) {
      clientClosed(); // it may have missed this one
    }
    return future;
  }

  // ---- what may end it early

  void clientClosed() {
    interrupt(State.CLIENT_CLOSED);
  }

  @Override
  public long deadline() {
    return state.get() == State.OPENING ? deadline : Ticker.NEVER;
  }

  @Override
  public void expire(long seen) {
    interrupt(State.OVERDUE);
  }

  private void interrupt(State why) {
    if (state.compareAndSet(State.OPENING, why)) {
      thread.interrupt();
    }
  }

  // ---- the opening

  @Override
  public void run() {
    tell(new ExchangeEvent.Started(number, original.method(), Requests.shown(original.uri())));
    try {
      OpenWebSocket opened = open();
      webSockets.add(opened);
      webSockets.remove(this);
      opened.start();
      if (engine.closed()) {
        opened.fail(Client.closed());
      }
      future.finish(() -> deliver(opened));
    } catch (Throwable e) { // whatever it is belongs to whoever waits
      webSockets.remove(this);
      ended(e);
      future.finish(() -> future.completeExceptionally(e));
    }
  }

  private void deliver(OpenWebSocket opened) {
    if (!future.complete(opened)) {
      opened.abort(); // cancelled at the last moment
    }
  }

  private void ended(@Nullable Throwable error) {
    times.ended(now());
    engine.end(error != null);
    tell(
        error != null
            ? new ExchangeEvent.Failed(number, error)
            : new ExchangeEvent.Completed(number, 101, 0, times.timeline(now())));
  }

  private OpenWebSocket open() throws IOException, InterruptedException {
    HttpRequest request = original;
    HttpResponse<String> previous = null;
    while (true) {
      Origin origin = Requests.check(request);
      Via via = engine.proxies().tunnel(request.uri(), request.headers());
      Connected connected = connect(request, origin, via);
      boolean kept = false;
      try {
        var handshake = new Handshake(subprotocols, webSockets.options(), webSockets.random());
        Request wired = Outbound.opening(engine, request, origin, via, login, handshake.request());
        Http1Exchange exchange = begin(connected.transport());
        ResponseInfo head = ask(exchange, origin, wired, connected.transport());
        tell(
            new ExchangeEvent.HeadReceived(
                number, head.statusCode(), Duration.ofNanos(times.firstByteNanos())));
        Optional<HttpRequest> next = next(request, origin, via, exchange, head);
        if (head.statusCode() == 101) {
          OpenWebSocket opened = upgraded(handshake, request, head, connected, previous);
          kept = true;
          return opened;
        }
        previous =
            HandshakeResponse.of(
                request,
                head,
                HandshakeResponse.text(exchange, head),
                connected.session(),
                previous);
        request = next.orElse(null);
        if (request == null) {
          throw refused(previous, "status " + head.statusCode());
        }
      } finally {
        if (!kept) {
          connected.transport().close();
          connected.transport().releaseBuffers();
        }
      }
    }
  }

  private Connected connect(HttpRequest request, Origin origin, @Nullable Via via)
      throws IOException, InterruptedException {
    var attempt = new Attempt();
    long start = now();
    try {
      // RFC 8441 is for who speaks HTTP/2 alone.
      var target = new Target(origin, Version.HTTP_1_1, via);
      Connected connected = webSockets.connector().connect(target, Set.of(), attempt);
      times.leased(now() - start, attempt, now());
      return connected;
    } catch (StageFailure e) {
      times.leased(now() - start, attempt, now());
      if (endedEarly()) {
        throw failure(early(e.phase()).at(e.address()), origin);
      }
      if (via != null && (e.phase() == Phase.DNS || e.phase() == Phase.CONNECT)) {
        engine.proxies().failed(request.uri(), via, e);
      }
      throw failure(e, origin);
    } catch (InterruptedException e) {
      times.leased(now() - start, attempt, now());
      if (endedEarly()) {
        throw failure(early(attempt.phase()).at(attempt.address()), origin);
      }
      throw e;
    }
  }

  private Http1Exchange begin(Transport transport) {
    return new Http1Exchange(
        transport, engine.http1(), engine.options(), engine.ticker(), Ticker.NEVER, true, this);
  }

  private ResponseInfo ask(
      Http1Exchange exchange, Origin origin, Request wired, Transport transport)
      throws IOException, InterruptedException {
    long leasedAt = now();
    try {
      ResponseInfo head = exchange.upgrade(origin, wired);
      times.exchanged(exchange, leasedAt, now(), true);
      return head;
    } catch (IOException e) {
      times.exchanged(exchange, leasedAt, now(), false);
      if (endedEarly()) {
        Phase phase = exchange.requestSentAt() != 0 ? Phase.FIRST_BYTE : Phase.REQUEST;
        throw failure(early(phase).at(transport.remoteAddress()), origin);
      }
      Call.interruptedBy(e);
      throw failure(
          diagnosis.of(exchange, transport, e, 0, true).at(transport.remoteAddress()), origin);
    }
  }

  private Optional<HttpRequest> next(
      HttpRequest request, Origin origin, @Nullable Via via, Exchange exchange, ResponseInfo head)
      throws IOException {
    try {
      return sequel.after(request, origin, via, exchange, head);
    } catch (StageFailure e) {
      throw failure(e, origin);
    }
  }

  private OpenWebSocket upgraded(
      Handshake handshake,
      HttpRequest request,
      ResponseInfo head,
      Connected connected,
      @Nullable HttpResponse<String> previous)
      throws IOException {
    Agreed agreed;
    try {
      agreed = handshake.check(head.headers());
    } catch (IllegalArgumentException e) {
      throw refused(
          HandshakeResponse.of(request, head, "", connected.session(), previous),
          String.valueOf(e.getMessage()));
    }
    if (!state.compareAndSet(State.OPENING, State.SETTLED)) {
      throw failure(early(Phase.FIRST_BYTE), Origin.of(request.uri()));
    }
    connected.transport().deadline(Ticker.NEVER);
    try {
      return new OpenWebSocket(
          connected.transport(),
          agreed,
          webSockets.options(),
          listener,
          webSockets.buffers(),
          webSockets.random(),
          engine.ticker(),
          webSockets.executor(),
          this::closed);
    } catch (Buffers.BudgetExceededException e) {
      throw failure(Diagnosis.noMemory(Phase.FIRST_BYTE, e), Origin.of(request.uri()));
    }
  }

  private void closed(OpenWebSocket webSocket, @Nullable Throwable error) {
    webSockets.remove(webSocket);
    ended(error);
  }

  private static WebSocketHandshakeException refused(HttpResponse<String> response, String why) {
    var refused = new WebSocketHandshakeException(response);
    refused.initCause(
        new ProtocolException("the server refused the WebSocket, or answered wrongly: " + why));
    return refused;
  }

  // ---- failures

  private boolean endedEarly() {
    return state.get() != State.OPENING;
  }

  private StageFailure early(Phase phase) {
    return state.get() == State.OVERDUE
        ? StageFailure.timeout(
            phase,
            "the WebSocket's connectTimeout of %d ms passed"
                .formatted(original.timeout().map(Duration::toMillis).orElse(0L)),
            "")
        : StageFailure.of(phase, "the client was closed", "", null);
  }

  private IOException failure(StageFailure failure, Origin origin) {
    return Failures.of(failure, origin, times.timeline(now()), null);
  }

  // ---- what is told

  @Override
  public void requestSent() {
    tell(new ExchangeEvent.RequestSent(number));
  }

  @Override
  public void interim(int status) {
    tell(new ExchangeEvent.Interim(number, status));
  }

  private void tell(ExchangeEvent event) {
    engine.events().tell(event);
  }

  private long now() {
    return engine.ticker().nanos();
  }
}
