package dev.hawser.bench.jmh;

import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Pool;
import dev.hawser.pool.Wish;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient.Version;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What leasing an idle connection and giving it back cost: the books and their lock. The look at
 * the socket, a system call in life, finds every connection alive here.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PoolBenchmark {
  private static final Target TARGET =
      new Target(new Origin("http", "example.com", 80), Version.HTTP_1_1);
  private static final int CONNECTIONS = 128; // those that the sweep withholds are not missed

  /** What counting requests in for sizes costs is the difference to {@code FIXED}. */
  @Param({"FIXED", "LITTLE", "ADAPTIVE"})
  private PoolOptions.Sizing sizing = PoolOptions.Sizing.FIXED;

  private final Watchdog watchdog = new Watchdog(Ticker.SYSTEM);
  private final Buffers buffers = new Buffers(1 << 20);
  private Pool pool = pool();

  private Pool pool() {
    return new Pool(
        PoolOptions.DEFAULTS
            .maxConnectionsPerHost(CONNECTIONS)
            .maxAge(Duration.ofDays(1))
            .sizing(sizing),
        Http2Options.DEFAULTS,
        (target, taken, attempt) -> connected(),
        watchdog,
        new Events(List.of()),
        new SplittableRandom(1),
        Ticker.SYSTEM);
  }

  @Setup
  public void open() throws IOException, InterruptedException {
    pool = pool();
    watchdog.chore(pool::sweep);
    var all = new ArrayList<Connection>();
    for (int i = 0; i < CONNECTIONS; i++) {
      all.add(lease());
    }
    all.forEach(pool::release);
  }

  @TearDown
  public void close() {
    pool.close();
  }

  @Benchmark
  @Threads(1)
  public Connection byOneThread() throws IOException, InterruptedException {
    return leaseAndRelease();
  }

  @Benchmark
  @Threads(64)
  public Connection bySixtyFourThreads() throws IOException, InterruptedException {
    return leaseAndRelease();
  }

  private Connection leaseAndRelease() throws IOException, InterruptedException {
    Connection connection = lease();
    connection.begin();
    pool.release(connection);
    return connection;
  }

  private Connection lease() throws IOException, InterruptedException {
    Connection idle = pool.leaseIdle(TARGET);
    return idle != null
        ? idle
        : pool.await(TARGET, Ticker.NEVER, Wish.ANY, 1, attempt -> {}).connection();
  }

  private Connected connected() {
    try {
      return new Connected(new Alive(watchdog, buffers), null, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** No peer, and always well. */
  private static final class Alive extends Transport {
    Alive(Watchdog watchdog, Buffers buffers) throws IOException {
      super(SocketChannel.open(), watchdog, buffers);
    }

    @Override
    public Liveness probe() {
      return Liveness.ALIVE;
    }

    @Override
    public int read(ByteBuffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer[] sources) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean pending() {
      return false;
    }

    @Override
    public boolean endedCleanly() {
      return true;
    }
  }
}
