package dev.hawser.bench.peer;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * No client and no server: the objects of {@code java.net.http} that a response costs whatever
 * client there is, and nothing else. A floor for memory; its times mean nothing.
 *
 * <p>For each response: the 64 bytes of its body in an array and a buffer around it, which is what
 * the subscriber is owed; the JDK's subscriber of {@code BodyHandlers.ofByteArray()} with its list
 * and its future; and the array that it makes of what it got. With headers also what the JDK's
 * client always makes: two strings for each of the five fields that nginx sends here, the map they
 * are gathered in, and the {@link HttpHeaders} with its own copy of that map.
 *
 * <p>Not in it: response, request, connection, anything of threads, the field section's bytes.
 */
final class JdkObjectsPeer implements Peer.Blocking {
  private static final byte[] BODY = "x".repeat(64).getBytes(StandardCharsets.US_ASCII);
  private static final byte[][] FIELDS = {
    ascii("Server"), ascii("nginx/1.26.3"),
    ascii("Date"), ascii("Mon, 01 Jun 2026 12:00:00 GMT"),
    ascii("Content-Type"), ascii("text/plain"),
    ascii("Content-Length"), ascii("64"),
    ascii("Connection"), ascii("keep-alive"),
  };

  private static final ResponseInfo OK = new Info(HttpHeaders.of(Map.of(), (name, value) -> true));

  private final boolean withHeaders;
  // Volatile and never read: the compiler must not find out that nobody needs the objects.
  volatile @Nullable Object kept;
  volatile @Nullable Object keptHeaders;

  JdkObjectsPeer(boolean withHeaders) {
    this.withHeaders = withHeaders;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** So that none of them starves: nothing here ever waits. */
  @Override
  public boolean onPlatformThreads() {
    return true;
  }

  @Override
  public byte[] get() {
    if (withHeaders) {
      keptHeaders = headers();
    }
    BodySubscriber<byte[]> subscriber = BodyHandlers.ofByteArray().apply(OK);
    kept = subscriber;
    subscriber.onSubscribe(Unneeded.SUBSCRIPTION);
    subscriber.onNext(List.of(ByteBuffer.wrap(BODY.clone())));
    subscriber.onComplete();
    return subscriber.getBody().toCompletableFuture().join();
  }

  private static HttpHeaders headers() {
    Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < FIELDS.length; i += 2) {
      fields
          .computeIfAbsent(string(FIELDS[i]), name -> new ArrayList<>(1))
          .add(string(FIELDS[i + 1]));
    }
    return HttpHeaders.of(fields, (name, value) -> true);
  }

  private static String string(byte[] ascii) {
    return new String(ascii, StandardCharsets.ISO_8859_1);
  }

  @Override
  public long download(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int upload(URI uri, Path file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}

  private enum Unneeded implements Flow.Subscription {
    SUBSCRIPTION;

    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  private record Info(HttpHeaders headers) implements ResponseInfo {
    @Override
    public int statusCode() {
      return 200;
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }
}
