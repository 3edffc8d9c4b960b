package dev.hawser.http2;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Request;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Map;

/**
 * A quick measure: client CPU for each small GET, many callers on one connection, against a server
 * that is running already. Arguments: URL, callers, seconds a round, rounds.
 */
final class SmallGets {
  private static final Exchange.Progress NOBODY =
      new Exchange.Progress() {
        @Override
        public void requestSent() {}

        @Override
        public void interim(int status) {}
      };

  private SmallGets() {}

  public static void main(String[] args) throws Exception {
    URI uri = URI.create(args[0]);
    int callers = Integer.parseInt(args[1]);
    long round = Long.parseLong(args[2]) * 1_000_000_000L;
    int rounds = Integer.parseInt(args[3]);
    Origin origin = Origin.of(uri);
    var watchdog = new Watchdog(Ticker.SYSTEM);
    var buffers = new Buffers(64 << 20);
    Thread main =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    var channel =
                        SocketChannel.open(new InetSocketAddress(uri.getHost(), origin.port()));
                    channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
                    var connection =
                        Http2Connection.open(
                            new PlainTransport(channel, watchdog, buffers),
                            Http2Options.DEFAULTS,
                            ExchangeOptions.DEFAULTS,
                            watchdog,
                            buffers,
                            Ticker.SYSTEM);
                    var request =
                        new Request(
                            "GET",
                            uri,
                            HttpHeaders.of(Map.of(), (a, b) -> true),
                            Map.of(),
                            null,
                            false);
                    for (int i = 0; i < rounds; i++) {
                      round(connection, origin, request, callers, round);
                    }
                    connection.shutDown();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
    main.join();
  }

  private static void round(
      Http2Connection connection, Origin origin, Request request, int callers, long nanos)
      throws Exception {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long[] counts = new long[callers];
    long start = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    var threads = new ArrayList<Thread>();
    for (int c = 0; c < callers; c++) {
      int caller = c;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (System.nanoTime() - start < nanos) {
                        Exchange exchange = connection.exchange(Ticker.NEVER, NOBODY);
                        exchange.exchange(origin, request);
                        ByteBuffer part = exchange.body().next();
                        while (part != null) {
                          part = exchange.body().next();
                        }
                        exchange.finish();
                        counts[caller]++;
                      }
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    System.out.printf(
        "%d callers: %.2f us of CPU a request, %,d requests/s%n",
        callers,
        (system.getProcessCpuTime() - cpu) / 1e3 / total,
        total * 1_000_000_000L / (System.nanoTime() - start));
  }
}
