package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.Origin;
import dev.hawser.io.Transport;
import dev.hawser.wire.Body;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Multiplexed;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 without the wire: each exchange does the next thing that its test has written, on whatever
 * connection; after those it is answered with the connection's number.
 */
final class ScriptedHttp2 implements Http2 {
  /** What happens to a request. */
  interface Step {
    /** Null: it is answered. */
    @Nullable IOException on(Connection connection) throws IOException;
  }

  final List<Connection> connections = Collections.synchronizedList(new ArrayList<>());
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final Deque<Step> steps = new ArrayDeque<>(); // guarded by itself

  ScriptedHttp2 then(Step step) {
    synchronized (steps) {
      steps.add(step);
    }
    return this;
  }

  ScriptedHttp2 thenFail(IOException with) {
    return then(connection -> with);
  }

  @Override
  public Multiplexed open(Transport transport, Origin origin) {
    var connection = new Connection(transport, connections.size() + 1);
    connections.add(connection);
    return connection;
  }

  final class Connection implements Multiplexed {
    final Transport transport;
    final int number;
    final List<Scripted> exchanges = Collections.synchronizedList(new ArrayList<>());
    private @Nullable Watcher watcher; // guarded by this, and so is the next
    private final List<Consumer<Watcher>> untold = new ArrayList<>();

    Connection(Transport transport, int number) {
      this.transport = transport;
      this.number = number;
    }

    void retire(CloseReason reason) {
      tell(watcher -> watcher.retired(reason));
    }

    /** Its end is told, too, as its reader does. */
    void end() {
      transport.close();
      tell(watcher -> watcher.closed(CloseReason.CLOSED_BY_PEER));
    }

    private synchronized void tell(Consumer<Watcher> what) {
      if (watcher == null) {
        untold.add(what);
      } else {
        what.accept(watcher);
      }
    }

    @Override
    public synchronized void watch(Watcher told) {
      watcher = told;
      untold.forEach(what -> what.accept(told));
    }

    @Override
    public int capacity() {
      return 100;
    }

    @Override
    public Exchange exchange(long deadline, Exchange.Progress progress) {
      var exchange = new Scripted(this, progress);
      exchanges.add(exchange);
      return exchange;
    }

    @Override
    public void shutDown() {
      transport.close();
      transport.releaseBuffers();
    }
  }

  /** An answer's head. */
  private record Head(int statusCode) implements ResponseInfo {
    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
    }

    @Override
    public Version version() {
      return Version.HTTP_2;
    }
  }

  final class Scripted implements Exchange, Body {
    private final Connection connection;
    private final Progress progress;
    private boolean answered;
    private boolean failed;
    private boolean bodyTaken;
    private boolean bodyRepeatable = true;
    volatile boolean abandoned; // or cancelled
    volatile boolean held; // its body does not come

    Scripted(Connection connection, Progress progress) {
      this.connection = connection;
      this.progress = progress;
    }

    @Override
    public ResponseInfo exchange(Origin origin, Request request) throws IOException {
      requests.add(request.method() + " on " + connection.number);
      bodyRepeatable = request.headers().firstValue("once").isEmpty();
      Step step;
      synchronized (steps) {
        step = steps.poll();
      }
      IOException failure = step == null ? null : step.on(connection);
      progress.requestSent();
      if (failure != null) {
        failed = true;
        throw failure;
      }
      held = request.headers().firstValue("held").isPresent();
      answered = true;
      return new Head(200);
    }

    @Override
    public Body body() {
      return this;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      while (held) {
        if (abandoned || !connection.transport.isOpen()) {
          throw new IOException("closed");
        }
        LockSupport.parkNanos(1_000_000);
      }
      if (bodyTaken) {
        return null;
      }
      bodyTaken = true;
      return ByteBuffer.wrap(
          ("connection " + connection.number).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public boolean atEnd() {
      return bodyTaken;
    }

    @Override
    public boolean ready() {
      return !held;
    }

    @Override
    public HttpHeaders trailers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
    }

    @Override
    public void awaitBody() {}

    @Override
    public boolean awaitRest(int most, long nanos) {
      return false;
    }

    @Override
    public void awaitConsumer() {}

    @Override
    public boolean finish() {
      return true;
    }

    @Override
    public boolean surplus() {
      return false;
    }

    @Override
    public void abandon() {
      abandoned = true;
    }

    @Override
    public void cancel() {
      abandoned = true;
    }

    @Override
    public boolean expired() {
      return false;
    }

    @Override
    public boolean isOpen() {
      return !failed;
    }

    @Override
    public void onClose(@Nullable Runnable action) {}

    @Override
    public boolean repeatable() {
      return bodyRepeatable;
    }

    @Override
    public @Nullable IOException publisherFailure() {
      return null;
    }

    @Override
    public boolean nothingSent() {
      return false;
    }

    @Override
    public boolean nothingReceived() {
      return !answered;
    }

    @Override
    public long requestSentAt() {
      return 1;
    }

    @Override
    public long firstByteAt() {
      return answered ? 1 : 0;
    }

    @Override
    public long idleHintNanos() {
      return Long.MAX_VALUE;
    }
  }
}
