package dev.hawser.http2;

import dev.hawser.wire.Exchange;
import dev.hawser.wire.Promise;
import java.net.URI;
import java.net.http.HttpHeaders;

/** A stream that the server has reserved, and what it means to answer there. */
record PushedStream(
    Http2Connection connection, Http2Stream stream, String method, URI uri, HttpHeaders headers)
    implements Promise {
  @Override
  public Exchange accept(Exchange.Progress progress) {
    return connection.pushed(stream, progress);
  }

  @Override
  public void refuse() {
    connection.streams().reset(stream, ErrorCode.CANCEL);
    stream.drop();
  }
}
