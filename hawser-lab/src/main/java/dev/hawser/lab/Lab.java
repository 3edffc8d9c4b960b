package dev.hawser.lab;

import dev.hawser.faults.OriginServer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import dev.hawser.lab.child.LabNames;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Order;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What experiments are made with: processes for the clients, an authority that these trust, the
 * scale and the seed. Closing it ends every process and deletes every file; that is done, too, when
 * the JVM is told to end.
 */
public final class Lab implements AutoCloseable {
  private static final int WARM_UP_CALLS = 40;

  /** So that no client writes warnings, or has more memory than another. */
  private static final List<String> FLAGS =
      List.of(
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1", // short lives: the better compiler would take the CPU
          "-Xshare:auto",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Scale scale;
  private final long seed;
  private final @Nullable Path inFront;
  private final Path folder;
  private final TestAuthority authority = TestAuthority.create();
  private final TestIdentity identity;
  private final OriginServer plain;
  private final OriginServer secure;
  private final AtomicInteger number = new AtomicInteger();
  private final Set<ClientProcess> processes = ConcurrentHashMap.newKeySet();
  private final Thread hook = new Thread(this::clear, "hawser-lab-end");
  private volatile boolean closed;

  /** Opens one. */
  public static Lab open(Scale scale, long seed) throws IOException {
    return new Lab(scale, seed, null);
  }

  /**
   * Opens one whose clients find their classes in this folder first.
   *
   * @param inFront the folder; see {@link Mutation}
   */
  public static Lab open(Scale scale, long seed, Path inFront) throws IOException {
    return new Lab(scale, seed, inFront);
  }

  private Lab(Scale scale, long seed, @Nullable Path inFront) throws IOException {
    this.scale = scale;
    this.seed = seed;
    this.inFront = inFront;
    this.folder = Files.createTempDirectory("hawser-lab-");
    this.identity = authority.issue(leaf -> leaf.names("localhost").ips("127.0.0.1"));
    writeTrustStore();
    writeResolver();
    this.plain = OriginServer.start();
    this.secure = OriginServer.builder().tls(identity.serverContext()).start();
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** As the JDK's own, without a password, which would cost each process 0.3 s. */
  private void writeTrustStore() throws IOException {
    try (OutputStream out = Files.newOutputStream(trustStore())) {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry("root", identity.root());
      trust.store(out, null);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private Path trustStore() {
    return folder.resolve("trust.p12");
  }

  /** In the clients' processes only: the command that runs the lab keeps the system's resolver. */
  private void writeResolver() throws IOException {
    Path services = Files.createDirectories(folder.resolve("classes/META-INF/services"));
    Files.writeString(
        services.resolve("java.net.spi.InetAddressResolverProvider"), LabNames.class.getName());
  }

  /** How much time there is. */
  public Scale scale() {
    return scale;
  }

  /** What all randomness comes from. */
  public long seed() {
    return seed;
  }

  /** Whom clients trust. */
  TestAuthority authority() {
    return authority;
  }

  /** How a server shakes hands whose certificate clients trust. */
  Tls tls() {
    return identity.tls();
  }

  /**
   * Starts a client; it has made some calls, so as to have its code.
   *
   * @param dns the server that it asks for names: {@code 127.0.0.1:5353}, or several with commas
   *     between; empty: as the system does
   */
  ClientProcess start(Client client, Settings settings, String dns)
      throws IOException, InterruptedException {
    return start(client, settings, dns, List.of());
  }

  /**
   * Starts a client whose JVM is told more.
   *
   * @param more flags
   */
  ClientProcess start(Client client, Settings settings, String dns, List<String> more)
      throws IOException, InterruptedException {
    String name = client.id() + "-" + number.incrementAndGet();
    var flags = new ArrayList<>(FLAGS);
    flags.addAll(more);
    flags.add("-Djavax.net.ssl.trustStore=" + trustStore());
    flags.add("-Djavax.net.ssl.trustStoreType=PKCS12");
    var process =
        new ClientProcess(
            new ClientProcess.Jvm(classPath(), flags, folder.resolve(name + ".err")),
            new Order.Begin(client, settings, dns));
    processes.add(process);
    if (closed) {
      process.close();
    }
    try {
      process.awaitReady();
      process.run(
          Task.get(Load.inTurn(WARM_UP_CALLS), plain.uri("/"), secure.uri("/"))
              .timeout(Duration.ofSeconds(20)));
      return process;
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private String classPath() {
    String changed = inFront == null ? "" : inFront + System.getProperty("path.separator");
    return changed
        + folder.resolve("classes")
        + System.getProperty("path.separator")
        + System.getProperty("java.class.path");
  }

  /** The processes of this lab that are alive, for tests. */
  List<ProcessHandle> alive() {
    return processes.stream().map(ClientProcess::handle).filter(ProcessHandle::isAlive).toList();
  }

  Path folder() {
    return folder;
  }

  /** By the end of the JVM, too, while the lab is closed: one after the other. */
  private synchronized void clear() {
    closed = true;
    processes.forEach(ClientProcess::close);
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("left behind: " + folder);
    }
  }

  @Override
  public void close() throws IOException {
    clear();
    plain.close();
    secure.close();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook does the same.
    }
  }
}
