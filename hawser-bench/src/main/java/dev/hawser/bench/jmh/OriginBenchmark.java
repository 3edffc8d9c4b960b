package dev.hawser.bench.jmh;

import dev.hawser.Origin;
import java.net.URI;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What finding a request's origin costs. */
@State(Scope.Benchmark)
public class OriginBenchmark {
  private final URI uri = URI.create("https://example.com/path");

  @Benchmark
  public Origin origin() {
    return Origin.of(uri);
  }
}
