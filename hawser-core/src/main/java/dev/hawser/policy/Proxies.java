package dev.hawser.policy;

import dev.hawser.connect.Via;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks the {@link ProxySelector} which way a request goes. Of what it names the first is used, as
 * by the JDK's client; one that cannot be reached it is told of, so that it can name another next
 * time.
 */
public final class Proxies {
  private final @Nullable ProxySelector selector;

  /**
   * Of this selector, which is the JVM's if the user has given none.
   *
   * @param selector null: every connection is direct
   */
  public Proxies(@Nullable ProxySelector selector) {
    this.selector = selector;
  }

  /** The proxy for a request, which over TLS has to open a tunnel; null: none. */
  public @Nullable Via of(HttpRequest request) {
    boolean secure = "https".equalsIgnoreCase(request.uri().getScheme());
    return of(request.uri(), request.headers(), secure ? Via.Way.TUNNEL : Via.Way.FORWARD);
  }

  /**
   * The proxy for what is not HTTP request by request, such as a WebSocket; null: none.
   *
   * @param uri for the selector
   * @param headers the caller's, of which those for proxies go to the proxy
   */
  public @Nullable Via tunnel(URI uri, HttpHeaders headers) {
    return of(uri, headers, Via.Way.TUNNEL);
  }

  private @Nullable Via of(URI uri, HttpHeaders headers, Via.Way way) {
    List<Proxy> proxies = selector == null ? List.of() : selector.select(uri);
    if (proxies.isEmpty() || proxies.getFirst().type() == Proxy.Type.DIRECT) {
      return null;
    }
    Proxy proxy = proxies.getFirst();
    if (!(proxy.address() instanceof InetSocketAddress address)) {
      throw new IllegalArgumentException("a proxy whose address is no host and port: " + proxy);
    }
    Via.Way onwards = proxy.type() == Proxy.Type.SOCKS ? Via.Way.SOCKS : way;
    return new Via(
        onwards,
        address.getHostString().toLowerCase(Locale.ROOT),
        address.getPort(),
        address.getAddress(),
        onwards == Via.Way.TUNNEL ? forTunnel(headers) : Map.of());
  }

  /** Tells the selector that no connection to the proxy could be made. */
  public void failed(URI uri, Via via, IOException reason) {
    if (selector != null) {
      SocketAddress address =
          via.address() == null
              ? InetSocketAddress.createUnresolved(via.host(), via.port())
              : new InetSocketAddress(via.address(), via.port());
      selector.connectFailed(uri, address, reason);
    }
  }

  // ---- what a caller's own headers say to proxies

  private static Map<String, List<String>> forTunnel(HttpHeaders headers) {
    Map<String, List<String>> forProxy = null;
    for (Map.Entry<String, List<String>> field : headers.map().entrySet()) {
      if (isForProxies(field.getKey())) {
        forProxy = forProxy == null ? new TreeMap<>(String.CASE_INSENSITIVE_ORDER) : forProxy;
        List<String> values =
            field.getValue().stream()
                .filter(value -> mayBeTold(field.getKey(), value, AuthSchemes.OF_TUNNELING))
                .toList();
        forProxy.put(field.getKey(), values);
      }
    }
    return forProxy == null ? Map.of() : forProxy;
  }

  /**
   * A request's headers without those that only a proxy is to see, if it is one that does not see
   * the request, and without those that it must not see.
   */
  public static HttpHeaders onwards(HttpHeaders headers, @Nullable Via via) {
    if (via == null || headers.map().keySet().stream().noneMatch(Proxies::isForProxies)) {
      return headers;
    }
    boolean forwarded = via.way() == Via.Way.FORWARD;
    return HttpHeaders.of(
        headers.map(),
        (name, value) ->
            forwarded ? mayBeTold(name, value, AuthSchemes.OF_PROXYING) : !isForProxies(name));
  }

  private static boolean isForProxies(String name) {
    return name.regionMatches(true, 0, "proxy-", 0, 6);
  }

  private static boolean mayBeTold(String name, String value, AuthSchemes schemes) {
    return !name.equalsIgnoreCase("proxy-authorization") || schemes.allows(value);
  }
}
