package dev.hawser.bench.jmh;

import dev.hawser.Http1Options;
import dev.hawser.http1.HeadParser;
import dev.hawser.http1.ResponseHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.Warmup;

/** What reading a response's head costs: to where framing knows all, and with the headers made. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeadParserBenchmark {
  /** As nginx serves a file. */
  private static final String NGINX =
      """
      HTTP/1.1 200 OK
      Server: nginx/1.26.3
      Date: Mon, 01 Jun 2026 12:00:00 GMT
      Content-Type: application/json
      Content-Length: 64
      Last-Modified: Mon, 01 Jun 2026 11:00:00 GMT
      Connection: keep-alive
      ETag: "6a1d2f30-40"
      Accept-Ranges: bytes
      """;

  /** 8 as nginx has them, or these and 32 of an application. */
  @Param({"8", "40"})
  int headers;

  private byte[] head = {};

  @Setup
  public void fill() {
    String more =
        IntStream.range(8, headers)
            .mapToObj(i -> "X-Application-Header-%d: the value of number %d\n".formatted(i, i))
            .collect(Collectors.joining());
    head = (NGINX + more + "\n").replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public ResponseHead framing() throws IOException {
    ResponseHead parsed = new HeadParser(Http1Options.DEFAULTS).parse(head, 0, head.length);
    if (parsed == null) {
      throw new IllegalStateException("the head is not complete");
    }
    return parsed;
  }

  @Benchmark
  public Object headersLookedAt() throws IOException {
    return framing().headers();
  }
}
