package dev.hawser.exchange;

import dev.hawser.websocket.Handshake;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a WebSocket is opened with. As the JDK's contract has it, nulls are refused at once
 * and everything else where it is built.
 */
final class WebSocketBuilder implements WebSocket.Builder {
  private record Field(String name, String value) {}

  private static final String SEPARATORS = "()<>@,;:\\\"/[]?={} \t";

  private final Client client;
  private final Engine engine;
  private final List<Field> fields = new ArrayList<>();
  private List<String> subprotocols = List.of();
  private @Nullable Duration connectTimeout;

  WebSocketBuilder(Client client, Engine engine) {
    this.client = client;
    this.engine = engine;
  }

  @Override
  public WebSocket.Builder header(String name, String value) {
    fields.add(
        new Field(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value")));
    return this;
  }

  @Override
  public WebSocket.Builder connectTimeout(Duration timeout) {
    connectTimeout = Objects.requireNonNull(timeout, "timeout");
    return this;
  }

  @Override
  public WebSocket.Builder subprotocols(String mostPreferred, String... lesserPreferred) {
    List<String> all = new ArrayList<>();
    all.add(Objects.requireNonNull(mostPreferred, "mostPreferred"));
    for (String lesser : lesserPreferred) {
      all.add(Objects.requireNonNull(lesser, "lesserPreferred"));
    }
    subprotocols = List.copyOf(all);
    return this;
  }

  @Override
  public CompletableFuture<WebSocket> buildAsync(URI uri, WebSocket.Listener listener) {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(listener, "listener");
    HttpRequest request;
    try {
      request = request(uri);
      check(subprotocols);
      client.prepare(request);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (engine.isShutDown()) {
      return CompletableFuture.failedFuture(Client.closed());
    }
    return new WebSocketOpening(engine, request, subprotocols, listener).start();
  }

  /** The JDK's own builder checks names, values and the time-out. */
  private HttpRequest request(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(httpUri(uri)).GET();
    if (connectTimeout != null) {
      request.timeout(connectTimeout);
    }
    for (Field field : fields) {
      if (Handshake.FIELDS.contains(field.name().toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("restricted header name: " + field.name());
      }
      request.header(field.name(), field.value());
    }
    return request.build();
  }

  /** {@code ws} is {@code http} until the handshake is done, and {@code wss} is {@code https}. */
  private static URI httpUri(URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("ws") && !scheme.equals("wss")) {
      throw new IllegalArgumentException("invalid URI scheme: " + scheme);
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("a WebSocket's URI has no fragment");
    }
    return URI.create("http" + uri.toString().substring("ws".length()));
  }

  private static void check(List<String> subprotocols) {
    Set<String> seen = new HashSet<>();
    for (String name : subprotocols) {
      boolean token =
          !name.isEmpty()
              && name.chars().allMatch(c -> c > 32 && c < 127 && SEPARATORS.indexOf(c) < 0);
      if (!token) {
        throw new IllegalArgumentException("not a subprotocol's name: \"" + name + '"');
      }
      if (!seen.add(name)) {
        throw new IllegalArgumentException("a subprotocol twice: " + name);
      }
    }
  }
}
