package dev.hawser.bench.jmh;

import dev.hawser.http2.Block;
import dev.hawser.http2.HpackDecoder;
import dev.hawser.http2.HpackEncoder;
import dev.hawser.http2.HpackException;
import java.nio.ByteBuffer;
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Warmup;

/** What a request's fields cost to encode and a response's to decode, on a connection in use. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HpackBenchmark {
  private static final int LIMIT = 64 * 1024;

  /** As nginx serves a file. */
  private static final String[] NGINX = {
    "server", "nginx/1.26.3",
    "date", "Mon, 01 Jun 2026 12:00:00 GMT",
    "content-type", "application/json",
    "content-length", "64",
    "last-modified", "Mon, 01 Jun 2026 11:00:00 GMT",
    "etag", "\"6a1d2f30-40\"",
    "accept-ranges", "bytes"
  };

  private final HpackEncoder encoder = new HpackEncoder();
  private final Block request = new Block();
  private final HpackDecoder decoder = new HpackDecoder(4096, LIMIT);
  private final HpackDecoder bare = new HpackDecoder(4096, LIMIT);
  private final Characters characters = new Characters();
  private ByteBuffer indexed = ByteBuffer.allocate(0);
  private ByteBuffer literal = ByteBuffer.allocate(0);
  private int calls;

  private static final class Characters implements HpackDecoder.Sink {
    int count;

    @Override
    public void field(String name, String value, boolean sensitive) {
      count += name.length() + value.length();
    }
  }

  @Setup
  public void fill() throws HpackException {
    var server = new HpackEncoder();
    decoder.decode(response(server), characters);
    decoder.decode(response(server), characters);
    indexed = response(server); // but for the fields that change: date, length, etag …
    var withoutTable = new HpackEncoder();
    withoutTable.maxTableSize(0); // as nginx does, so that all are literals
    literal = response(withoutTable);
  }

  private static ByteBuffer response(HpackEncoder server) {
    var block = new Block();
    server.encode(":status", "200", false, block);
    for (int i = 0; i < NGINX.length; i += 2) {
      server.encode(NGINX[i], NGINX[i + 1], false, block);
    }
    byte[] bytes = Arrays.copyOf(block.bytes(), block.length());
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** Eight fields, of which the path differs each time. */
  @Benchmark
  public int encodeRequest() {
    request.clear();
    encoder.encode(":method", "GET", false, request);
    encoder.encode(":scheme", "https", false, request);
    encoder.encode(":authority", "api.example.com", false, request);
    encoder.encode(
        ":path", (calls++ & 1) == 0 ? "/orders?id=1234" : "/orders?id=5678", false, request);
    encoder.encode("user-agent", "hawser/0.1", false, request);
    encoder.encode("accept", "application/json", false, request);
    encoder.encode("x-tenant", "example", false, request);
    encoder.encode("authorization", "Bearer 0123456789abcdef", false, request);
    return request.length();
  }

  /** Eight fields, of which four are literals. */
  @Benchmark
  public int decodeIndexed() throws HpackException {
    decoder.decode(indexed.rewind(), characters);
    return characters.count;
  }

  /** The same eight, of which seven are literals. */
  @Benchmark
  public int decodeLiterals() throws HpackException {
    bare.decode(literal.rewind(), characters);
    return characters.count;
  }
}
