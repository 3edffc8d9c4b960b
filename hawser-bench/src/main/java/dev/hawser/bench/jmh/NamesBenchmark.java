package dev.hawser.bench.jmh;

import dev.hawser.DnsOptions;
import dev.hawser.NameServer;
import dev.hawser.Origin;
import dev.hawser.dns.Names;
import dev.hawser.dns.Sources;
import dev.hawser.faults.DnsServer;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.xbill.DNS.Type;

/** What a look-up costs that the cache answers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NamesBenchmark {
  private static final String HOST = "a.test";
  private static final Origin ORIGIN = new Origin("http", HOST, 80);

  private static final Sources.Https NONE =
      new Sources.Https() {
        @Override
        public byte[] post(NameServer server, byte[] query, Duration timeout) {
          throw new IllegalStateException("no HTTPS here");
        }

        @Override
        public void close() {}
      };

  private final DnsServer dns = start();
  private final DnsOptions options = DnsOptions.DEFAULTS.servers(dns.address());
  private final Names names =
      new Names(
          options,
          new Sources(
              options,
              Sources.Files.SYSTEM,
              () -> {
                throw new IllegalStateException("no TLS here");
              },
              NONE,
              Ticker.SYSTEM),
          new Events(List.of()),
          new SplittableRandom(1),
          Ticker.SYSTEM);

  private static DnsServer start() {
    try {
      return DnsServer.start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void warm() throws StageFailure, InterruptedException {
    dns.set(HOST, Type.A, 3_600, "127.0.0.2", "127.0.0.3");
    resolve();
  }

  @TearDown
  public void close() throws IOException {
    names.close();
    dns.close();
  }

  @Benchmark
  public Names.Addresses resolve() throws StageFailure, InterruptedException {
    return names.resolve(HOST, Ticker.NEVER);
  }

  /** As for a new connection. */
  @Benchmark
  public Names.Route route() throws StageFailure, InterruptedException {
    return names.route(ORIGIN, Ticker.NEVER);
  }
}
