package dev.hawser.http2;

import dev.hawser.wire.Body;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A response's body; taking from it opens the stream's window again. */
record Http2Body(Http2Connection connection, Http2Stream stream) implements Body {
  private static final HttpHeaders NONE = HttpHeaders.of(Map.of(), (name, value) -> true);

  @Override
  public @Nullable ByteBuffer next() throws IOException {
    ByteBuffer part = stream.take();
    if (part != null) {
      connection.streams().consumed(stream);
    }
    return part;
  }

  @Override
  public boolean atEnd() {
    return stream.atEnd();
  }

  @Override
  public boolean ready() {
    return stream.ready();
  }

  @Override
  public HttpHeaders trailers() {
    FieldSection trailers = stream.trailers();
    return trailers == null ? NONE : trailers.headers();
  }
}
