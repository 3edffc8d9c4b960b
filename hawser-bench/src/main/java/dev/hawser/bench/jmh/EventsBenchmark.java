package dev.hawser.bench.jmh;

import dev.hawser.ExchangeEvent;
import dev.hawser.io.Events;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What an event costs whom nobody listens to, and with one listener. A call tells about six. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventsBenchmark {
  private final URI uri = URI.create("https://example.com/path");
  private final Events unheard = new Events(List.of());
  private final Events heard = new Events(List.of(event -> last = event));
  @Nullable ExchangeEvent last;
  private long number;

  @Benchmark
  public long nobodyListens() {
    return tell(unheard);
  }

  @Benchmark
  public long oneListens() {
    return tell(heard);
  }

  private long tell(Events events) {
    number++;
    if (events.wanted()) {
      events.tell(new ExchangeEvent.Started(number, "GET", uri));
    }
    return number;
  }
}
