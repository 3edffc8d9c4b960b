package dev.hawser.faults.junit;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultProxy;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts fault servers for a test, and ends them with it. A test that fails shows what went over
 * their connections; one that passes all the same fails if a script threw something, or if a client
 * broke the protocol.
 *
 * {@snippet class="dev.hawser.faults.junit.ExampleTest" region="example"}
 *
 * As an instance's field it serves each test by itself; as a static one it serves all of the class.
 * Everything listens on loopback. Any thread may start servers while the test runs.
 */
public final class Faults implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  /** Something that was started, and what it has to say at the end. */
  private record Started(
      AutoCloseable thing, Supplier<? extends Collection<?>> complaints, Supplier<String> shown) {}

  /** Goes with a failure, and is printed with it: what went over the connections. */
  private static final class Transcript extends Throwable {
    private static final long serialVersionUID = 1;

    Transcript(String text) {
      super(text, null, false, false);
    }
  }

  private final Deque<Started> started = new ArrayDeque<>(); // the last first; guarded by itself
  private boolean forAll; // static: one for all tests of the class
  private boolean mayComplain;
  private @Nullable TestAuthority authority; // guarded by started

  /** Serves the tests of the class that has it in a field with {@code @RegisterExtension}. */
  public Faults() {}

  /**
   * Scripts that throw and clients that break the protocol fail no test.
   *
   * @return this
   */
  public Faults lenient() {
    mayComplain = true;
    return this;
  }

  /**
   * A server that plays a script on each connection, the last one on all that follow.
   *
   * @throws IOException if it cannot listen
   */
  public FaultServer server(Script... scripts) throws IOException {
    return server(FaultServer.builder(), scripts);
  }

  /** The same, with TLS for example. */
  public FaultServer server(FaultServer.Builder builder, Script... scripts) throws IOException {
    FaultServer server = builder.start(scripts);
    add(
        new Started(
            server,
            server::failures,
            () -> "%s saw:%n%s".formatted(server.origin(), server.transcript())));
    return server;
  }

  /**
   * A good server of HTTP/1.1: {@code /bytes/N}, {@code /status/N}, {@code /delay/MS}, and more.
   */
  public OriginServer origin() throws IOException {
    return origin(OriginServer.builder());
  }

  /** The same, with TLS or HTTP/2 for example. */
  public OriginServer origin(OriginServer.Builder builder) throws IOException {
    OriginServer server = builder.start();
    add(
        new Started(
            server,
            server::violations,
            () ->
                "%s: %d requests over %d connections"
                    .formatted(server.origin(), server.requests(), server.connections())));
    return server;
  }

  /** A wire to somewhere that can be made slow, cut, or pulled. */
  public FaultProxy wireTo(InetSocketAddress target) throws IOException {
    FaultProxy wire = FaultProxy.before(target);
    add(
        new Started(
            wire,
            List::of,
            () ->
                "the wire to %s: %d connections, %d bytes there, %d back"
                    .formatted(target, wire.connections(), wire.bytesUp(), wire.bytesDown())));
    return wire;
  }

  /** A name server without records yet. */
  public DnsServer dns() throws IOException {
    DnsServer dns = DnsServer.start();
    add(new Started(dns, dns::failures, () -> "the name server was asked for " + dns.queries()));
    return dns;
  }

  /** A certificate authority, the same for the whole test. */
  public TestAuthority authority() {
    synchronized (started) {
      if (authority == null) {
        authority = TestAuthority.create();
      }
      return authority;
    }
  }

  /**
   * Closes something of the test's with the servers, such as the client: before those that were
   * started before it.
   *
   * @return {@code thing}
   */
  public <T extends AutoCloseable> T closing(T thing) {
    add(new Started(thing, List::of, () -> ""));
    return thing;
  }

  private void add(Started one) {
    synchronized (started) {
      started.addFirst(one);
    }
  }

  // ---- JUnit

  @Override
  public void beforeAll(ExtensionContext context) {
    forAll = true; // is called for static fields only
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    if (forAll) {
      context.getExecutionException().ifPresent(failure -> show(startedNow(), failure));
    } else {
      end(context);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    end(context);
  }

  private void end(ExtensionContext context) throws Exception {
    List<Started> those = startedNow();
    synchronized (started) {
      started.clear();
      authority = null;
    }
    Throwable failure = context.getExecutionException().orElse(null);
    if (failure != null) {
      show(those, failure);
    }
    AssertionError unclosed = close(those);
    if (failure != null) {
      return; // it says more than what follows from it
    }
    if (unclosed != null) {
      throw unclosed;
    }
    List<?> complaints = those.stream().flatMap(each -> each.complaints().get().stream()).toList();
    if (!mayComplain && !complaints.isEmpty()) {
      var broken = new AssertionError("the fault servers met what their scripts do not know");
      for (Object complaint : complaints) {
        broken.addSuppressed(
            complaint instanceof Throwable thrown ? thrown : new Transcript(complaint.toString()));
      }
      show(those, broken);
      throw broken;
    }
  }

  private List<Started> startedNow() {
    synchronized (started) {
      return new ArrayList<>(started);
    }
  }

  private static void show(List<Started> those, Throwable failure) {
    for (Started each : those.reversed()) {
      String shown = each.shown().get();
      if (!shown.isEmpty()) {
        failure.addSuppressed(new Transcript(shown));
      }
    }
  }

  /** All of them, whatever one of them throws. */
  private static @Nullable AssertionError close(List<Started> those) {
    AssertionError error = null;
    for (Started each : those) {
      try {
        each.thing().close();
      } catch (Exception e) {
        error = error != null ? error : new AssertionError("a server cannot be closed", e);
      }
    }
    return error;
  }
}
