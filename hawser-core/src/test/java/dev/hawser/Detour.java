package dev.hawser;

import dev.hawser.faults.FaultServer;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Names a proxy for {@code *.test}, and notes what it is told. */
final class Detour extends ProxySelector {
  final Queue<URI> asked = new ConcurrentLinkedQueue<>();
  final Queue<String> failed = new ConcurrentLinkedQueue<>();
  volatile Proxy proxy = Proxy.NO_PROXY;

  void use(FaultServer server) {
    proxy = new Proxy(Proxy.Type.HTTP, server.address());
  }

  void useSocks(FaultServer server) {
    proxy = new Proxy(Proxy.Type.SOCKS, server.address());
  }

  @Override
  public List<Proxy> select(URI uri) {
    asked.add(uri);
    return List.of(uri.getHost().endsWith(".test") ? proxy : Proxy.NO_PROXY);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException reason) {
    failed.add(uri + " " + address + " " + reason.getMessage());
  }
}
