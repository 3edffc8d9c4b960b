package dev.hawser.faults;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** The command line of {@link OriginServer}. */
final class OriginMain {
  private static final String USAGE =
      "usage: OriginServer [--port N] [--address A] [--idle-timeout 5s [--announce]]"
          + " [--http2] [--tls [--ca-out FILE]]";

  private OriginMain() {}

  static void run(String[] arguments) throws Exception {
    InetAddress address = InetAddress.getLoopbackAddress();
    int port = 0;
    TestAuthority authority = TestAuthority.create();
    var builder = OriginServer.builder();
    for (Iterator<String> each = List.of(arguments).iterator(); each.hasNext(); ) {
      String option = each.next();
      switch (option) {
        case "--port" -> port = Integer.parseInt(each.next());
        case "--address" -> address = InetAddress.getByName(each.next());
        case "--idle-timeout" -> builder.idleTimeout(duration(each.next()));
        case "--announce" -> builder.announceIdleTimeout();
        case "--http2" -> builder.http2();
        case "--tls" -> builder.tls(authority.localhost().serverContext());
        case "--ca-out" -> authority.writePem(Path.of(each.next()));
        default -> {
          System.err.println(USAGE);
          System.exit(2);
        }
      }
    }
    try (var server = builder.address(new InetSocketAddress(address, port)).start()) {
      System.out.println(server.port());
      new CountDownLatch(1).await();
    }
  }

  /** {@code 250ms}, {@code 5s}, {@code 2m}. */
  private static Duration duration(String text) {
    String unit = text.replaceFirst("^[0-9]+", "").toLowerCase(Locale.ROOT);
    long number = Long.parseLong(text.substring(0, text.length() - unit.length()));
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> throw new IllegalArgumentException(text + " is no duration like 250ms, 5s or 2m");
    };
  }
}
