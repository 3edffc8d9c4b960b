package dev.hawser.cli;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * An exchange of this process with itself, over the loopback interface. Without it, the first
 * waterfall of a fresh JVM would mostly show the loading of classes, 30 ms of it and 100 ms more
 * with TLS, as if the network or the server were slow. It costs the start little, since these
 * classes are loaded in any case, and only once.
 */
final class WarmUp {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int CONNECTIONS = 2;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
          .getBytes(StandardCharsets.ISO_8859_1);

  private static final Set<String> DONE = ConcurrentHashMap.newKeySet(); // whose TLS, or none

  private WarmUp() {}

  /**
   * Does it once for each scheme and provider; what goes wrong is of no interest.
   *
   * @param provider whose TLS the exchange will have
   */
  static void run(String scheme, TlsOptions.Provider provider) throws InterruptedException {
    boolean tls = scheme.equalsIgnoreCase("https");
    if (!DONE.add(tls ? provider.name() : "")) {
      return;
    }
    try {
      if (tls) {
        withTls(provider);
      } else {
        try (HawserClient client = client(Hawser.newBuilder())) {
          exchange("http", new ServerSocket(0, 1, loopback()), client);
        }
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Then the exchange itself meets cold code.
    }
  }

  /** Both sides by the same provider: the other's classes would be loaded for nothing. */
  private static void withTls(TlsOptions.Provider provider)
      throws IOException, GeneralSecurityException, InterruptedException {
    SelfSigned identity = SelfSigned.create();
    Path root = identity.writePem();
    TlsFile trusted = TlsFile.of(root);
    try (HawserClient client =
        client(Hawser.newBuilder().tls(t -> t.provider(provider).onlyRoots(trusted)))) {
      SSLContext context = identity.context(client.sslContext().getProvider());
      exchange(
          "https", context.getServerSocketFactory().createServerSocket(0, 1, loopback()), client);
    } finally {
      Files.delete(root);
    }
  }

  private static HawserClient client(HawserClient.Builder builder) {
    return builder.connectTimeout(PATIENCE).listener(new ConnectionNotes()).build();
  }

  private static void exchange(String scheme, ServerSocket server, HawserClient client)
      throws IOException, InterruptedException {
    try (server) {
      // A platform thread: a virtual one that waits for the network makes the JVM's exit wait 300
      // ms.
      Thread.ofPlatform().daemon().name("warm-up").start(() -> serve(server));
      URI uri = URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + "/");
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
      for (int i = 0; i < CONNECTIONS; i++) {
        client.send(request, new Reception(new BodyPreview()));
      }
    }
  }

  private static void serve(ServerSocket server) {
    try {
      while (true) {
        try (Socket socket = server.accept()) {
          socket.setTcpNoDelay(true);
          answer(socket);
        }
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private static void answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int last = 0;
    while (last != 0x0d0a0d0a) { // the empty line
      int next = in.read();
      if (next < 0) {
        return;
      }
      last = last << 8 | next;
    }
    socket.getOutputStream().write(ANSWER);
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }
}
