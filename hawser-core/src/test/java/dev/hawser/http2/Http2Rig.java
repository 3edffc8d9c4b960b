package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeOptions;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Multiplexed;
import dev.hawser.wire.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection to a server of a test, and what its watcher was told. Leaves nothing behind. */
final class Http2Rig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  static final Http2Options OPTIONS = Http2Options.DEFAULTS.maxConcurrentStreams(250);

  final Watchdog watchdog = new Watchdog(Ticker.SYSTEM);
  final Buffers buffers;
  final Transport transport;
  final Http2Connection connection;
  final Told told = new Told();
  final Origin origin;

  /** What came. */
  @SuppressWarnings("ArrayRecordComponent") // bytes are bytes; nobody compares two of these
  record Answer(ResponseInfo head, byte[] body, HttpHeaders trailers) {
    int status() {
      return head.statusCode();
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** What the watcher was told. */
  static final class Told implements Multiplexed.Watcher {
    final List<Integer> capacities = new ArrayList<>();
    final CountDownLatch retired = new CountDownLatch(1);
    final AtomicInteger retirements = new AtomicInteger();
    final CountDownLatch closed = new CountDownLatch(1);
    volatile CloseReason reason = CloseReason.CLIENT_CLOSED;

    @Override
    public synchronized void capacity(int exchanges) {
      capacities.add(exchanges);
      notifyAll();
    }

    synchronized void awaitCapacity(int exchanges) throws InterruptedException {
      while (capacities.isEmpty() || capacities.getLast() != exchanges) {
        wait(PATIENCE.toMillis());
      }
    }

    @Override
    public void retired(CloseReason why) {
      reason = why;
      retirements.incrementAndGet();
      retired.countDown();
    }

    @Override
    public void closed(CloseReason why) {
      reason = why;
      closed.countDown();
    }

    CloseReason awaitClosed() throws InterruptedException {
      assertThat(closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("closed").isTrue();
      return reason;
    }
  }

  Http2Rig(URI server) throws IOException {
    this(server, OPTIONS, ExchangeOptions.DEFAULTS);
  }

  Http2Rig(URI server, Http2Options options, ExchangeOptions exchangeOptions) throws IOException {
    this(server, options, exchangeOptions, 1);
  }

  Http2Rig(URI server, Http2Options options, ExchangeOptions exchangeOptions, int firstId)
      throws IOException {
    origin = Origin.of(server);
    buffers = new Buffers(exchangeOptions.memoryBudget());
    var channel = SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    transport = new PlainTransport(channel, watchdog, buffers);
    connection =
        Http2Connection.open(
            transport, options, exchangeOptions, watchdog, buffers, Ticker.SYSTEM, firstId);
    connection.watch(told);
  }

  /** Short bounds, for servers that are silent. */
  static Http2Options pings(Duration interval, Duration timeout) {
    return OPTIONS.pingInterval(interval).pingTimeout(timeout);
  }

  static Http2Options windows(int initial, int most) {
    return initial > OPTIONS.maxWindow()
        ? OPTIONS.maxWindow(most).initialWindow(initial)
        : OPTIONS.initialWindow(initial).maxWindow(most);
  }

  Exchange exchange() {
    return exchange(Ticker.NEVER);
  }

  Exchange exchange(long deadline) {
    return connection.exchange(deadline, new Silent());
  }

  /** Of no matter to most tests. */
  static class Silent implements Exchange.Progress {
    @Override
    public void requestSent() {}

    @Override
    public void interim(int status) {}
  }

  static Request get(URI uri) {
    return request("GET", uri, null);
  }

  static Request request(String method, URI uri, BodyPublisher body) {
    return request(method, uri, body, Map.of());
  }

  static Request request(
      String method, URI uri, BodyPublisher body, Map<String, List<String>> headers) {
    return new Request(method, uri, HttpHeaders.of(headers, (a, b) -> true), Map.of(), body, false);
  }

  Answer send(Request request) throws IOException {
    return run(exchange(), request);
  }

  /** The whole exchange, as a call does it. */
  Answer run(Exchange exchange, Request request) throws IOException {
    boolean good = false;
    try {
      ResponseInfo head = exchange.exchange(origin, request);
      byte[] body = read(exchange);
      var answer = new Answer(head, body, exchange.body().trailers());
      good = true;
      return answer;
    } finally {
      if (good) {
        exchange.finish();
      } else {
        exchange.abandon();
      }
    }
  }

  static byte[] read(Exchange exchange) throws IOException {
    var all = new ByteArrayOutputStream();
    exchange.awaitBody();
    for (ByteBuffer part = exchange.body().next(); part != null; part = exchange.body().next()) {
      all.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
    }
    return all.toByteArray();
  }

  /** Nothing is left: no thread, no stream, no buffer, nothing that the watchdog guards. */
  @Override
  public void close() throws InterruptedException {
    connection.shutDown();
    if (connection.open() > 0) {
      transport.close();
    }
    for (Thread thread : connection.threads()) {
      assertThat(thread.join(PATIENCE)).as("%s has ended", thread.getName()).isTrue();
    }
    assertThat(connection.open()).as("streams that are left").isZero();
    assertThat(buffers.used()).as("buffers in use").isZero();
    assertThat(watchdog.size()).as("guarded").isZero();
    assertThat(told.closed.getCount()).as("told of the end").isZero();
  }
}
